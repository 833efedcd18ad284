"""The converter: cattrs, taught the forms of the wire and nothing else."""

from __future__ import annotations

from collections.abc import Set

from cattrs import Converter

from notify_core.wire.reading import teach_reading
from notify_core.wire.writing import teach_writing, unwritable


def new_converter(*, brief: bool = False) -> Converter:
    """Return a converter that reads strictly and writes only what it knows.

    Args:
        brief: Leave out the fields of a value that have their defaults.
    """
    converter = Converter(
        forbid_extra_keys=True,
        omit_if_default=brief,
        unstruct_collection_overrides={tuple: list, Set: sorted},
        unstructure_fallback_factory=unwritable,
    )
    teach_reading(converter)
    teach_writing(converter)
    return converter
