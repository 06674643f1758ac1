"""Finding images by alias or reference."""

from __future__ import annotations

from bai_tui.local.store import Row, Store


def allowed_registries(store: Store, domain_name: str) -> list[str]:
    """Registries whose images the users of a domain may use."""
    row = store.one(
        "SELECT allowed_docker_registries AS names FROM domains WHERE name = ?", domain_name
    )
    return list(row["names"]) if row else []


def find_image(store: Store, reference: str) -> Row | None:
    """The image row for an alias (`python`) or a canonical reference; None if unknown."""
    return store.one(
        """SELECT i.* FROM images i WHERE i.canonical = ?1
        OR i.canonical = (SELECT image FROM image_aliases WHERE alias = ?1)""",
        reference,
    )
