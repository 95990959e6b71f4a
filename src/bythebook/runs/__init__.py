"""Many runs: what identifies one, where its results are kept, and how they are spread over worker processes."""
