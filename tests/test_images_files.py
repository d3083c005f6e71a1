"""nst.inputs.images, files: every kind becomes upright 8-bit RGB, or an error of one line."""

import io
import logging
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from nst.errors import InputError
from nst.inputs.imagefiles import open_rgb

MakePicture = Callable[..., Path]
SIZE = (6, 4)  # width, height
ORIENTATION = 0x0112  # EXIF


def pixel(path: Path) -> tuple[int, ...]:
    """The one colour of a file, as this project reads it."""
    array = np.asarray(open_rgb(path))
    assert array.shape == (SIZE[1], SIZE[0], 3)
    assert (array == array[0, 0]).all()
    return tuple(array[0, 0].tolist())


def png_16_bits(path: Path, color_type: int, channels: list[int]) -> Path:
    """A one-colour PNG of 16 bits a channel, which Pillow cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    row = b"\0" + struct.pack(f">{len(channels)}H", *channels) * SIZE[0]
    header = struct.pack(">IIBBBBB", *SIZE, 16, color_type, 0, 0, 0)
    body = (
        chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * SIZE[1])) + chunk(b"IEND", b"")
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def swapped_profile() -> bytes:
    """sRGB's profile with the red and the blue primary exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    entries = {}
    for i in range(struct.unpack_from(">I", profile, 128)[0]):
        at = 132 + 12 * i
        entries[bytes(profile[at : at + 4])] = at + 4
    red, blue = entries[b"rXYZ"], entries[b"bXYZ"]
    profile[red : red + 8], profile[blue : blue + 8] = (
        profile[blue : blue + 8],
        profile[red : red + 8],
    )
    return bytes(profile)


@pytest.mark.parametrize(
    ("mode", "color", "name", "expected"),
    [
        ("RGB", (10, 20, 30), "a.png", (10, 20, 30)),
        ("L", 77, "a.png", (77, 77, 77)),
        ("1", 1, "a.png", (255, 255, 255)),
        ("1", 0, "a.tif", (0, 0, 0)),
        ("CMYK", (0, 255, 0, 0), "a.tif", (255, 0, 255)),
        ("CMYK", (0, 0, 0, 255), "a.tif", (0, 0, 0)),
        ("RGBA", (10, 20, 30, 255), "a.png", (10, 20, 30)),
        ("RGBA", (10, 20, 30, 0), "a.png", (255, 255, 255)),
        ("RGBA", (0, 100, 200, 51), "a.png", (204, 224, 244)),  # a fifth over white
        ("RGBA", (10, 20, 30, 0), "a.tif", (255, 255, 255)),
        ("LA", (50, 255), "a.png", (50, 50, 50)),
        ("LA", (50, 0), "a.png", (255, 255, 255)),
        ("LA", (5, 51), "a.png", (205, 205, 205)),
    ],
)
def test_each_mode_becomes_rgb_over_white(
    mode: str, color: int, name: str, expected: tuple[int, ...], tmp_path: Path
) -> None:
    Image.new(mode, SIZE, color).save(tmp_path / name)
    assert pixel(tmp_path / name) == expected


def test_a_cmyk_jpeg_keeps_its_colours(tmp_path: Path) -> None:
    Image.new("CMYK", SIZE, (0, 255, 0, 0)).save(tmp_path / "a.jpg")
    np.testing.assert_allclose(pixel(tmp_path / "a.jpg"), (255, 0, 255), atol=6)


def test_a_profile_of_another_kind_of_picture_is_ignored(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for mode in ("CMYK", "L"):
        Image.new(mode, SIZE).save(tmp_path / "plain.jpg")
        Image.new(mode, SIZE).save(tmp_path / "wrong.jpg", icc_profile=profile)
        assert pixel(tmp_path / "wrong.jpg") == pixel(tmp_path / "plain.jpg")


@pytest.mark.parametrize("kind", ["gif", "png", "webp", "tif"])
def test_of_several_frames_the_first_is_taken(kind: str, tmp_path: Path) -> None:
    first, second = Image.new("RGB", SIZE, "white"), Image.new("RGB", SIZE, "black")
    first.save(tmp_path / f"a.{kind}", save_all=True, append_images=[second])
    assert pixel(tmp_path / f"a.{kind}") == (255, 255, 255)


def test_a_palette_gives_its_colours(tmp_path: Path) -> None:
    picture = Image.new("P", SIZE, 1)
    picture.putpalette([9, 9, 9, 40, 50, 60])
    for name in ("a.png", "a.gif", "a.tif"):
        picture.save(tmp_path / name)
        assert pixel(tmp_path / name) == (40, 50, 60)


@pytest.mark.parametrize(
    ("transparency", "expected"),
    [(1, (255, 255, 255)), (0, (40, 50, 60)), (b"\xff\x33", (212, 214, 216))],
)
def test_a_palettes_transparent_entries_become_white(
    transparency: int | bytes, expected: tuple[int, ...], tmp_path: Path
) -> None:
    picture = Image.new("P", SIZE, 1)
    picture.putpalette([9, 9, 9, 40, 50, 60])
    picture.save(tmp_path / "a.png", transparency=transparency)
    assert pixel(tmp_path / "a.png") == expected


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "I;16"])
@pytest.mark.parametrize("profile", [None, swapped_profile()], ids=["plain", "icc"])
def test_a_transparent_colour_becomes_white(
    mode: str, profile: bytes | None, tmp_path: Path
) -> None:
    color = {"RGB": (9, 8, 7), "L": 9, "1": 0, "I;16": 9000}[mode]
    Image.new(mode, SIZE, color).save(tmp_path / "a.png", transparency=color, icc_profile=profile)
    assert pixel(tmp_path / "a.png") == (255, 255, 255)


@pytest.mark.parametrize("kind", ["<u2", ">u2"])
@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bit_greyscale_is_scaled_and_not_clipped(kind: str, name: str, tmp_path: Path) -> None:
    for level, expected in ((0, 0), (257, 1), (30000, 117), (65021, 253), (65535, 255)):
        array = np.full((SIZE[1], SIZE[0]), level, dtype=kind)
        Image.fromarray(array).save(tmp_path / name)
        assert pixel(tmp_path / name) == (expected,) * 3


def test_32_bit_levels_beyond_16_bits_are_white_and_do_not_wrap(tmp_path: Path) -> None:
    Image.fromarray(np.full((SIZE[1], SIZE[0]), 300_000, dtype=np.int32)).save(tmp_path / "a.tif")
    assert pixel(tmp_path / "a.tif") == (255, 255, 255)


@pytest.mark.parametrize(
    ("color_type", "channels", "expected"),
    [
        (2, [2570, 5140, 7710], (10, 20, 30)),  # RGB; 257 times 10, 20, 30
        (6, [2570, 5140, 7710, 65535], (10, 20, 30)),  # RGBA
        (6, [2570, 5140, 7710, 0], (255, 255, 255)),
        (4, [12850, 65535], (50, 50, 50)),  # LA
        (4, [12850, 0], (255, 255, 255)),
    ],
)
def test_16_bits_a_channel_are_scaled(
    color_type: int, channels: list[int], expected: tuple[int, ...], tmp_path: Path
) -> None:
    assert pixel(png_16_bits(tmp_path / "a.png", color_type, channels)) == expected


def test_floating_point_pixels_are_an_input_error(tmp_path: Path) -> None:
    Image.new("F", SIZE).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match="floating-point"):
        open_rgb(tmp_path / "a.tif")


# What a viewer shows, as stored for each EXIF orientation: its row 0 is the visual top of 1 and 2,
# the bottom of 3 and 4, the left of 5 and 8, the right of 6 and 7 (EXIF 2.3, section 4.6.4).
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a[:, ::-1].swapaxes(0, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a[::-1].swapaxes(0, 1),
}


@pytest.mark.parametrize("orientation", STORED)
def test_exif_orientation_is_applied(orientation: int, tmp_path: Path) -> None:
    upright = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](upright)))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(np.asarray(open_rgb(tmp_path / "a.png")), upright)


def exif(entries: list[tuple[int, int, int, bytes]]) -> bytes:
    """EXIF of one directory: (tag, type, count, value of four bytes) a row."""
    rows = b"".join(struct.pack(">HHI", *entry[:3]) + entry[3] for entry in entries)
    return b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(entries)) + rows + bytes(4)


TURNED = (ORIENTATION, 3, 1, b"\0\x06\0\0")
ODD_EXIF = {
    "resolution as text": (exif([TURNED, (0x011A, 2, 4, b"abc\0")]), True),
    "rational where a text belongs": (exif([(0x010F, 5, 1, b"\xff\xff\xff\xff"), TURNED]), None),
    "bad TIFF header": (b"Exif\0\0XX\0*\0\0\0\x08", False),
    "nothing after the header": (b"Exif\0\0MM\0*\0\0\0\x08", False),
    "orientation as text": (exif([(ORIENTATION, 2, 4, b"six\0")]), False),
    "an orientation that does not exist": (exif([(ORIENTATION, 3, 1, b"\0\x63\0\0")]), False),
}


@pytest.mark.parametrize(("metadata", "turned"), ODD_EXIF.values(), ids=ODD_EXIF)
@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_odd_metadata_does_not_prevent_reading_a_picture(
    metadata: bytes, turned: bool | None, kind: str, tmp_path: Path
) -> None:
    Image.new("RGB", SIZE).save(tmp_path / f"a.{kind}", exif=metadata)
    size = open_rgb(tmp_path / f"a.{kind}").size
    assert size in ([SIZE[::-1]] if turned else [SIZE] if turned is False else [SIZE, SIZE[::-1]])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_an_icc_profile_is_converted_to_srgb(mode: str, tmp_path: Path) -> None:
    picture = Image.new("RGB", SIZE, (250, 10, 10))
    picture = picture.quantize(2) if mode == "P" else picture.convert(mode)
    picture.save(tmp_path / "a.png", icc_profile=swapped_profile())
    np.testing.assert_allclose(pixel(tmp_path / "a.png"), (10, 10, 250), atol=3)


def test_srgbs_own_profile_changes_nothing(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", SIZE, (250, 10, 90)).save(tmp_path / "a.png", icc_profile=profile)
    np.testing.assert_allclose(pixel(tmp_path / "a.png"), (250, 10, 90), atol=1)


@pytest.mark.parametrize("mode", ["RGB", "L", "LA", "CMYK"])
def test_an_unusable_icc_profile_is_ignored(mode: str, tmp_path: Path) -> None:
    picture = Image.new(mode, SIZE)
    picture.save(tmp_path / "plain.tif")
    picture.save(tmp_path / "icc.tif", icc_profile=b"not a profile")
    assert pixel(tmp_path / "icc.tif") == pixel(tmp_path / "plain.tif")


def linear_grey_profile() -> bytes:
    """A profile of greyscale in linear light: white point D50, gamma 1."""
    tags = {
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        b"kTRC": b"curv\0\0\0\0" + struct.pack(">I", 0),
    }
    offset, table, data = 132 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        table += name + struct.pack(">II", offset + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    header = bytearray(128)
    header[0:4] = struct.pack(">I", offset + len(data))
    header[8:12], header[12:24] = b"\x02\x40\0\0", b"mntrGRAYXYZ "
    header[36:40], header[68:80] = b"acsp", struct.pack(">3i", 63190, 65536, 54061)
    return bytes(header) + struct.pack(">I", len(tags)) + table + data


@pytest.mark.parametrize("kind", ["LA", "transparent"])
def test_grey_with_alpha_is_as_its_profile_says(kind: str, tmp_path: Path) -> None:
    profile = linear_grey_profile()
    Image.new("L", SIZE, 60).save(tmp_path / "l.png", icc_profile=profile)
    if kind == "LA":
        Image.new("LA", SIZE, (60, 255)).save(tmp_path / "a.png", icc_profile=profile)
    else:
        Image.new("L", SIZE, 60).save(tmp_path / "a.png", icc_profile=profile, transparency=7)
    assert pixel(tmp_path / "l.png") == pixel(tmp_path / "a.png")
    assert pixel(tmp_path / "l.png")[0] > 100  # linear light is brighter in sRGB


def test_text_in_a_png_is_no_reason_to_refuse_it(tmp_path: Path) -> None:
    text = PngInfo()
    text.add_text("comment", "x" * 3_000_000, zip=True)
    Image.new("RGB", SIZE, "red").save(tmp_path / "a.png", pnginfo=text)
    assert pixel(tmp_path / "a.png") == (255, 0, 0)


def test_32_bits_that_hold_8_are_not_black(tmp_path: Path) -> None:
    Image.fromarray(np.full(SIZE[::-1], 200, np.int32)).save(tmp_path / "a.tif")
    assert pixel(tmp_path / "a.tif") == (200, 200, 200)


def test_over_a_thousand_megapixels_and_unknown_formats_are_refused_by_name(tmp_path: Path) -> None:
    whole = io.BytesIO()
    Image.new("1", (8, 8)).save(whole, "PNG")
    data = bytearray(whole.getvalue())
    data[16:24] = struct.pack(">II", 50_000, 50_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(InputError, match="has more than 1,000 megapixels"):
        open_rgb(tmp_path / "a.png")
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    with pytest.raises(InputError, match=r"a.heic as an image \(unknown format\): supply"):
        open_rgb(tmp_path / "a.heic")


def test_pillows_global_state_is_left_unchanged_for_other_code(tmp_path: Path) -> None:
    """Limits, warnings and kinds of files, in a process that imports this project and reads."""
    Image.new("RGB", SIZE).save(tmp_path / "a.png")
    script = """
import sys, warnings
import numpy
from pathlib import Path
from PIL import Image, PngImagePlugin
def state():
    return (Image.MAX_IMAGE_PIXELS, PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY,
            list(warnings.filters))
before = state()
from nst.inputs.imagefiles import open_rgb
assert state() == before
open_rgb(Path("a.png"))
try:
    open_rgb(Path("missing.png"))
except ValueError:
    pass
assert state() == before
"""
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)


def damaged(kind: str, folder: Path) -> Path:
    path = folder / "a.png"
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "JPEG" if kind == "truncated JPEG" else "PNG")
    if kind == "directory":
        path.mkdir()
    elif kind != "missing":
        half = buffer.getvalue()[: buffer.tell() // 2]
        path.write_bytes({"empty": b"", "text": b"<html>no image\nhere"}.get(kind, half))
    return path


@pytest.mark.parametrize(
    "kind", ["missing", "empty", "truncated PNG", "truncated JPEG", "text", "directory"]
)
def test_a_file_that_is_no_whole_image_is_an_input_error_of_one_line(
    kind: str, tmp_path: Path
) -> None:
    path = damaged(kind, tmp_path)
    with pytest.raises(InputError) as error:
        open_rgb(path)
    assert str(path) in str(error.value)
    assert ": " in str(error.value)  # the remedy
    assert "\n" not in str(error.value)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, on metadata
@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "gif", "bmp", "webp"])
def test_damaged_bytes_never_raise_anything_but_an_input_error(
    suffix: str, tmp_path: Path, picture_file: MakePicture
) -> None:
    whole = picture_file(f"whole.{suffix}").read_bytes()
    rng, path, problems = np.random.default_rng(0), tmp_path / f"a.{suffix}", []
    for length in range(1, len(whole) - 30, max(1, len(whole) // 25)):
        noisy = np.frombuffer(whole[:length], dtype=np.uint8).copy()
        noisy[rng.integers(0, length, 3)] = rng.integers(0, 256, 3)
        for content in (whole[:length], noisy.tobytes()):
            path.write_bytes(content)
            try:
                open_rgb(path)
            except InputError as error:
                problems.append(str(error))
    assert len(problems) > 25
    assert "\n" not in "".join(problems)


def test_a_damaged_image_prints_nothing_beside_its_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.tif"
    Image.new("RGB", (12, 9)).save(path)
    entry = struct.pack("<HHIH", 277, 3, 1, 3)  # SamplesPerPixel
    assert entry in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(entry, struct.pack("<HHIH", 277, 3, 1, 31491)))
    level = logging.getLogger("PIL").level
    with pytest.raises(InputError):
        open_rgb(path)
    assert not caplog.records
    assert logging.getLogger("PIL").level == level
