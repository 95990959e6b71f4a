"""How the parameters want nets to be trained, as the library takes it."""

from bythebook.runs.engines import EngineSettings
from pipeline.params import Params


def settings(params: Params) -> EngineSettings:
    """The engine block of the parameters."""
    return EngineSettings(**params.engine.model_dump())
