"""The stages: the only code that knows ``params.yaml`` and the project's folders."""
