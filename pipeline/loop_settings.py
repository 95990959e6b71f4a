"""How the parameters want nets to be trained, as the library takes it."""

from bythebook.runs.loops import LoopSettings
from pipeline.params import Params


def loop_settings(params: Params) -> LoopSettings:
    """Return what chooses the training loop of each run."""
    return LoopSettings(**params.training.model_dump())
