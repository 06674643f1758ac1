"""Which view shows which resource; loaded when it is first shown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bai_tui.screens.admin.view import ResourceView

_VIEWS: Final = {
    "agents": ("agents", "AgentsView"),
    "users": ("users", "UsersView"),
    "members": ("members", "MembersView"),
    "keypairs": ("keypairs", "KeypairsView"),
    "groups": ("groups", "GroupsView"),
    "domains": ("domains", "DomainsView"),
    "scaling-groups": ("scaling", "ScalingGroupsView"),
    "associations": ("associations", "AssociationsView"),
    "policies": ("policies", "PoliciesView"),
    "presets": ("presets", "PresetsView"),
    "images": ("images", "ImagesView"),
    "user-policies": ("storagepolicies", "UserPoliciesView"),
    "project-policies": ("storagepolicies", "ProjectPoliciesView"),
    "quotas": ("quotas", "QuotasView"),
    "storage-hosts": ("storages", "StorageHostsView"),
    "registries": ("registries", "RegistriesView"),
    "services": ("services", "ServicesView"),
    "related-sessions": ("related", "RelatedSessionsView"),
}

NAMES: Final = tuple(_VIEWS)


def view_class(name: str) -> type[ResourceView]:
    """The view of a resource.

    Raises:
        KeyError: there is none of that name.
    """
    module, view = _VIEWS[name]
    found: type[ResourceView] = getattr(import_module(f"bai_tui.screens.admin.{module}"), view)
    return found
