"""How one view lies to another: shift, turn and zoom between two small pictures of a scene."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.core.observation import F32, F64, Bool

_WIDTH = 128
_SIFT = cv2.SIFT.create(contrastThreshold=0.01)
_TALLEST = 160
#: Keypoints are sought in the picture enlarged by this factor.
_ENLARGED = 4
#: A keypoint's best partner must be nearer than this part of the distance to the second best.
_RATIO = 0.85
#: Cells by which a keypoint's partner may miss the transform.
_MISS = 1.5
#: Alignments that share less than this part of the picture are not considered.
_OVERLAP = 0.3


@dataclass(frozen=True)
class Motion:
    """A similarity transform from one picture to another and how well it explains it.

    ``right``, ``down``: the shift of the content in parts of the picture's width; ``degrees`` its
    turn, clockwise; ``zoom`` its growth. ``before`` and ``after`` -1..1: correlation of the two
    pictures in place and aligned; ``overlap`` 0..1: part of the picture that both show.
    """

    right: float
    down: float
    degrees: float
    zoom: float
    before: float
    after: float
    overlap: float

    def displacement(self, aspect: float) -> float:
        """Mean distance in picture widths by which the content of a picture moved."""
        across, along = np.meshgrid(np.linspace(-0.5, 0.5, 9), np.linspace(-0.5, 0.5, 9) / aspect)
        turn = np.deg2rad(self.degrees)
        cos, sin = self.zoom * np.cos(turn) - 1, self.zoom * np.sin(turn)
        x = cos * across - sin * along + self.right
        y = sin * across + cos * along + self.down
        return float(np.mean(np.hypot(x, y)))


def register(one: F32, other: F32, aspect: float) -> Motion:
    """Best similarity transform from layout ``one`` to ``other``, float32 (72, 128) each.

    ``aspect`` is width over height of the pictures. Light and contrast are normalised away, so
    that only the scene counts. Candidates come from phase correlation and from SIFT keypoints
    (Lowe 2004) with RANSAC, refined by ECC (Evangelidis & Psarakis 2008). Judge the result by
    ``after`` against ``before``.
    """
    height = _height(aspect)
    a, b = (_fine(layout, height) for layout in (one, other))
    before = _correlation(a, b, np.eye(3))[0]
    candidates = [np.eye(3), _shift(a, b), _from_keypoints(one, other, height)]
    matrix, after, overlap = max((_fit(a, b, m) for m in candidates), key=lambda fit: fit[1])
    centre = np.array([(_WIDTH - 1) / 2, (height - 1) / 2, 1.0])
    right, down = ((matrix @ centre)[:2] - centre[:2]) / _WIDTH
    zoom = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    degrees = float(
        np.degrees(np.arctan2(matrix[1, 0] - matrix[0, 1], matrix[0, 0] + matrix[1, 1]))
    )
    return Motion(float(right), float(down), degrees, zoom, before, after, overlap)


def agreement_in_place(one: F32, other: F32, aspect: float) -> float:
    """Correlation -1..1 of two layouts in place: ``before`` of :func:`register`, for far less."""
    height = _height(aspect)
    return _correlation(_fine(one, height), _fine(other, height), np.eye(3))[0]


def outline_agreement(one: F32, other: F32) -> float:
    """Correlation -1..1 of where two layouts (72, 128) have edges, dark to light or light to dark.

    Above 0.5 the same view from the same place, even if lit from elsewhere or by infrared;
    different views stay below 0.1, or below 0.5 where they share on-screen text.
    """
    a, b = (_outlines(_normalised(layout)).ravel() for layout in (one, other))
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 0 else 0.0


def _outlines(fine: F32) -> F32:
    across, along = (cv2.Sobel(fine, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
    strength = cv2.GaussianBlur(np.sqrt(np.hypot(across, along)), (0, 0), 1)
    return np.asarray(strength - cv2.GaussianBlur(strength, (0, 0), 8), dtype=np.float32)


def _height(aspect: float) -> int:
    return int(np.clip(round(_WIDTH / aspect), 16, _TALLEST))


def _fine(layout: F32, height: int) -> F32:
    return _normalised(np.asarray(cv2.resize(layout, (_WIDTH, height)), np.float32))


def _normalised(luma: F32) -> F32:
    """Local contrast: less the local mean, over the local spread."""
    fine = luma - cv2.GaussianBlur(luma, (0, 0), 4)
    spread = np.sqrt(cv2.GaussianBlur(fine * fine, (0, 0), 6))
    return np.asarray(fine / (spread + 1.5), dtype=np.float32)


def _correlation(a: F32, b: F32, matrix: F64) -> tuple[float, float]:
    """Correlation of ``a`` with ``b`` seen through ``matrix`` (a to b), and the shared part."""
    height, width = a.shape
    warp = matrix[:2].astype(np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(b, warp, (width, height), flags=flags)
    inside = cv2.warpAffine(np.ones_like(b), warp, (width, height), flags=flags) > 0.99
    overlap = float(np.mean(inside))
    if overlap < _OVERLAP:
        return -1.0, overlap
    x, y = a[inside] - a[inside].mean(), seen[inside] - seen[inside].mean()
    norm = float(np.sqrt((x @ x) * (y @ y)))
    return (float(x @ y) / norm if norm > 0 else 0.0), overlap


def _shift(a: F32, b: F32) -> F64:
    """The shift from a to b by phase correlation."""
    window = cv2.createHanningWindow((a.shape[1], a.shape[0]), cv2.CV_32F)
    (right, down), _ = cv2.phaseCorrelate(a.copy(), b.copy(), window)  # it writes to them
    return np.array([[1.0, 0.0, right], [0.0, 1.0, down], [0.0, 0.0, 1.0]])


@lru_cache(maxsize=256)
def _keypoints(luma: bytes, shape: tuple[int, int], height: int) -> tuple[F64, F32 | None]:
    """Places (k, 2) and descriptions (k, 128) of a layout's keypoints, kept for the next pair."""
    picture = np.frombuffer(luma, dtype=np.float32).reshape(shape)
    size = (_WIDTH * _ENLARGED, height * _ENLARGED)
    large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    points, described = _SIFT.detectAndCompute(np.clip(large, 0, 255).astype(np.uint8), None)
    places = (np.array([p.pt for p in points], dtype=np.float64) + 0.5) / _ENLARGED - 0.5
    return places, np.asarray(described, np.float32) if len(points) else None


def _from_keypoints(one: F32, other: F32, height: int) -> F64:
    """The similarity that most keypoints agree on; the identity where there is none."""
    found = [_keypoints(np.float32(luma).tobytes(), luma.shape, height) for luma in (one, other)]
    (from_, ours), (to, theirs) = found
    if ours is None or theirs is None or min(len(ours), len(theirs)) < 3:
        return np.eye(3)
    partner, good = _partners(ours, theirs)
    if np.count_nonzero(good) < 4:
        return np.eye(3)
    source, target = from_[good], to[partner[good]]
    cv2.setRNGSeed(1)
    similarity: Any = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_MISS, maxIters=2000
    )[0]
    if similarity is None:
        return np.eye(3)
    return np.vstack([similarity, (0.0, 0.0, 1.0)])


def _partners(ours: F32, theirs: F32) -> tuple[NDArray[np.intp], Bool]:
    """Of each description (k, 128) the nearest of the others, and whether it is far nearer than the
    second nearest. Descriptions are whole numbers, so that nothing is rounded."""
    square = [(d * d).sum(axis=1) for d in (ours, theirs)]
    apart = square[0][:, None] + square[1][None] - 2 * (ours @ theirs.T)
    partner = apart.argmin(axis=1)
    rows = np.arange(len(ours))
    nearest = apart[rows, partner]
    apart[rows, partner] = np.inf
    return partner, np.sqrt(nearest) < _RATIO * np.sqrt(apart.min(axis=1))


def _fit(a: F32, b: F32, matrix: F64) -> tuple[F64, float, float]:
    """The matrix, refined where that helps, with its correlation and overlap."""
    best = (matrix, *_correlation(a, b, matrix))
    refined = _refined(a, b, matrix)
    fit = (refined, *_correlation(a, b, refined))
    return fit if fit[1] > best[1] else best


def _refined(a: F32, b: F32, matrix: F64) -> F64:
    """The matrix after ECC, kept a similarity; unchanged where ECC does not converge."""
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-4)
    try:
        _, warp = cv2.findTransformECC(
            a,
            b,
            matrix[:2].astype(np.float32),
            cv2.MOTION_AFFINE,
            criteria,
            np.ones(b.shape, np.uint8),
            5,
        )
    except cv2.error:
        return matrix
    cos, sin = (warp[0, 0] + warp[1, 1]) / 2, (warp[1, 0] - warp[0, 1]) / 2
    height, width = a.shape
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    linear = np.array([[cos, -sin], [sin, cos]])
    moved = warp[:, :2] @ centre + warp[:, 2] - linear @ centre
    return np.vstack([np.column_stack([linear, moved]), (0.0, 0.0, 1.0)])
