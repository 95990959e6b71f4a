"""The datasets this project knows. Adding one is adding one decorated function here.

:func:`bythebook.datasets.registry.find` gives a dataset by its name.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bythebook.datasets import idx, image_archive
from bythebook.datasets.dataset import SourceFile, dataset
from bythebook.datasets.labelled import Contents, Labelled
from bythebook.datasets.unpacking import unpacked
from bythebook.errors import DataError

DIGITS = tuple("0123456789")
LETTERS = tuple("ABCDEFGHIJ")
NOTMNIST_ARCHIVE = "notMNIST_small_10k_png.tar.gz"
DIGITS_FILE = "digits.csv.gz"
DIGITS_LARGEST = 16


@dataset(
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    files=(
        SourceFile(idx.TRAIN_IMAGES, 26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        SourceFile(idx.TRAIN_LABELS, 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        SourceFile(idx.TEST_IMAGES, 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        SourceFile(idx.TEST_LABELS, 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    addresses=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
)
def fashion_mnist(raw: Path) -> Contents:
    """Fashion-MNIST: 70,000 articles of clothing, 28x28, 10 classes.

    Reference: Xiao, Rasul and Vollgraf, arXiv:1708.07747, 2017.
    """
    return idx.read_folder(raw)


@dataset(
    classes=DIGITS,
    files=(
        SourceFile(idx.TRAIN_IMAGES, 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        SourceFile(idx.TRAIN_LABELS, 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        SourceFile(idx.TEST_IMAGES, 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        SourceFile(idx.TEST_LABELS, 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ),
    addresses=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
)
def mnist(raw: Path) -> Contents:
    """MNIST: 70,000 handwritten digits, 28x28, 10 classes.

    Reference: LeCun, Bottou, Bengio and Haffner, Proceedings of the IEEE 86(11), 1998.
    """
    return idx.read_folder(raw)


@dataset(
    classes=LETTERS,
    files=(
        SourceFile(idx.TEST_IMAGES, 3172375, "70ae9e06201f2827e5b0a3781a3169d735dd2efc69996b9eeaee7f10ed4044d7"),
        SourceFile(idx.TEST_LABELS, 5118, "1fa03836e01c862542f8eb83463bb951bebec6fcb3efa28dad748c6b38a9021b"),
    ),
    addresses=(
        "https://raw.githubusercontent.com/davidflanagan/notMNIST-to-MNIST/17823f4d4a3acd8317c07866702d2eb2ac79c7a0/",
    ),
)
def notmnist(raw: Path) -> Contents:
    """notMNIST: 10,000 letters A to J cut from fonts, 28x28, 10 classes, some of them more than once.

    A sample of notMNIST_small, 1,000 images of each letter; it has no test part of its own.
    Reference: Bulatov, "notMNIST dataset", 2011.
    """
    return Contents(idx.read_pair(raw / idx.TEST_IMAGES, raw / idx.TEST_LABELS), test=None)


@dataset(
    classes=LETTERS,
    files=(SourceFile(NOTMNIST_ARCHIVE, 4124806, "b3283848110ff26d982975ad27adc0157104794eec2240b13303ca68478291d3"),),
    addresses=(),
    folder="notmnist",
)
def notmnist_png(raw: Path) -> Contents:
    """The images of notmnist as PNG files in an archive, a folder for each letter; from a mirror only.

    Reference: Bulatov, "notMNIST dataset", 2011.
    """
    images, unreadable = image_archive.read(raw / NOTMNIST_ARCHIVE, LETTERS, (28, 28))
    return Contents(images, test=None, unreadable=unreadable)


@dataset(
    classes=DIGITS,
    files=(SourceFile(DIGITS_FILE, 57523, "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"),),
    addresses=("https://raw.githubusercontent.com/scikit-learn/scikit-learn/main/sklearn/datasets/data/",),
    package=("sklearn", "datasets/data"),
)
def digits(raw: Path) -> Contents:
    """The 1,797 handwritten digits that ship inside scikit-learn, 8x8, 10 classes.

    Grey values 0 to 16 are spread over 0 to 255. The dataset has no test part of its own.
    Reference: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998.
    """
    path = raw / DIGITS_FILE
    try:
        table = np.loadtxt(unpacked(path).decode("ascii").splitlines(), delimiter=",", dtype=np.int64, ndmin=2)
    except ValueError as error:
        raise DataError(f"{path}: not a table of whole numbers ({error}).") from None
    if table.shape[1] != 65 or table[:, :64].min() < 0 or table[:, :64].max() > DIGITS_LARGEST:
        raise DataError(f"{path}: expected 64 grey values from 0 to {DIGITS_LARGEST} and a label in every line.")
    grey = (table[:, :64] * 255 + DIGITS_LARGEST // 2) // DIGITS_LARGEST
    return Contents(Labelled(grey.astype(np.uint8).reshape(-1, 8, 8), table[:, 64].copy()), test=None)
