"""The chapter's own pictures, for readers who do not have the book open."""

from __future__ import annotations

from dataclasses import dataclass

from bythebook.report.figures import chapter


@dataclass(frozen=True)
class ChapterPicture:
    """A figure with its title and what it shows."""

    title: str
    svg: str
    caption: str


def chapter_section() -> tuple[ChapterPicture, ...]:
    """Every picture, in the order of the chapter."""
    return (
        ChapterPicture(
            "Activations that saturate",
            chapter.activations("chapter-saturating", chapter.SATURATING),
            "Far from 0 both are flat: hardly any gradient gets through.",
        ),
        ChapterPicture(
            "Their derivatives",
            chapter.activations("chapter-derivatives", (*chapter.SATURATING, "relu"), derivatives=True),
            "The logistic function lets at most a quarter through a layer, tanh at most all, ReLU all or nothing.",
        ),
        ChapterPicture(
            "Rectifiers",
            chapter.activations("chapter-rectifiers", chapter.RECTIFIERS),
            "What they do below 0 is what makes them different.",
        ),
        ChapterPicture(
            "Smooth ones",
            chapter.activations("chapter-smooth", chapter.SMOOTH),
            "Close to ReLU, but smooth, and not monotonic below 0.",
        ),
        ChapterPicture(
            "Batch normalization",
            chapter.batch_norm("chapter-batch-norm"),
            "Each unit's outputs are moved to mean 0 and deviation 1 over the batch, then scaled and moved as learned.",
        ),
        ChapterPicture(
            "Learning rate schedules",
            chapter.schedules("chapter-schedules"),
            "Shares of the first learning rate; 1cycle's are of its largest.",
        ),
        ChapterPicture(
            "Dropout",
            chapter.dropout("chapter-dropout"),
            "Every batch trains another thinner net: filled units are kept, pale ones dropped.",
        ),
        ChapterPicture(
            "Softmax and sigmoids",
            chapter.softmax("chapter-softmax"),
            "The same outputs: softmax makes one distribution over classes, sigmoids judge each class for itself.",
        ),
    )
