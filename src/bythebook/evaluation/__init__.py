"""The evaluation of finished runs on the test split, after every choice is made."""
