"""The function classes of a session, by the manual's names; each is loaded on first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from bai_tui.api.functions.admin import AdminAPI
    from bai_tui.api.functions.agent import AgentAPI, AgentWatcherAPI
    from bai_tui.api.functions.audit_log import AuditLogAPI
    from bai_tui.api.functions.auth import AuthAPI
    from bai_tui.api.functions.background_task import BackgroundTaskAPI
    from bai_tui.api.functions.container_registry import ContainerRegistryAPI
    from bai_tui.api.functions.domain import DomainAPI
    from bai_tui.api.functions.error_log import ErrorLogAPI
    from bai_tui.api.functions.etcd import EtcdConfigAPI
    from bai_tui.api.functions.group import GroupAPI
    from bai_tui.api.functions.image import ImageAPI
    from bai_tui.api.functions.kernels import KernelAPI
    from bai_tui.api.functions.keypair import KeyPairAPI
    from bai_tui.api.functions.keypair_resource_policy import KeypairResourcePolicyAPI
    from bai_tui.api.functions.manager import ManagerAPI
    from bai_tui.api.functions.quota_scope import QuotaScopeAPI
    from bai_tui.api.functions.resource import ResourceAPI
    from bai_tui.api.functions.resource_policies import (
        ProjectResourcePolicyAPI,
        UserResourcePolicyAPI,
    )
    from bai_tui.api.functions.scaling_group import ScalingGroupAPI
    from bai_tui.api.functions.service import ServiceAPI
    from bai_tui.api.functions.session_template import SessionTemplateAPI
    from bai_tui.api.functions.storage import StorageAPI
    from bai_tui.api.functions.user import UserAPI
    from bai_tui.api.functions.vfolder import VFolderAPI
    from bai_tui.api.session import AsyncSession


class Accessors:
    """What `AsyncSession` offers besides its connections."""

    @cached_property
    def Admin(self) -> AdminAPI:
        """GraphQL."""
        from bai_tui.api.functions.admin import AdminAPI

        return AdminAPI(self._session)

    @cached_property
    def Agent(self) -> AgentAPI:
        """Worker nodes."""
        from bai_tui.api.functions.agent import AgentAPI

        return AgentAPI(self._session)

    @cached_property
    def AgentWatcher(self) -> AgentWatcherAPI:
        """The daemons that start and stop agents."""
        from bai_tui.api.functions.agent import AgentWatcherAPI

        return AgentWatcherAPI(self._session)

    @cached_property
    def Auth(self) -> AuthAPI:
        """Login, passwords, roles."""
        from bai_tui.api.functions.auth import AuthAPI

        return AuthAPI(self._session)

    @cached_property
    def ErrorLog(self) -> ErrorLogAPI:
        """Errors that clients reported."""
        from bai_tui.api.functions.error_log import ErrorLogAPI

        return ErrorLogAPI(self._session)

    @cached_property
    def EtcdConfig(self) -> EtcdConfigAPI:
        """The server's configuration store."""
        from bai_tui.api.functions.etcd import EtcdConfigAPI

        return EtcdConfigAPI(self._session)

    @cached_property
    def Domain(self) -> DomainAPI:
        """Domains."""
        from bai_tui.api.functions.domain import DomainAPI

        return DomainAPI(self._session)

    @cached_property
    def Group(self) -> GroupAPI:
        """Groups (projects)."""
        from bai_tui.api.functions.group import GroupAPI

        return GroupAPI(self._session)

    @cached_property
    def Image(self) -> ImageAPI:
        """Images."""
        from bai_tui.api.functions.image import ImageAPI

        return ImageAPI(self._session)

    @cached_property
    def Kernel(self) -> KernelAPI:
        """Compute sessions."""
        from bai_tui.api.functions.kernels import KernelAPI

        return KernelAPI(self._session)

    @cached_property
    def KeyPair(self) -> KeyPairAPI:
        """Keypairs."""
        from bai_tui.api.functions.keypair import KeyPairAPI

        return KeyPairAPI(self._session)

    @cached_property
    def KeypairResourcePolicy(self) -> KeypairResourcePolicyAPI:
        """Resource policies of keypairs."""
        from bai_tui.api.functions.keypair_resource_policy import KeypairResourcePolicyAPI

        return KeypairResourcePolicyAPI(self._session)

    @cached_property
    def Manager(self) -> ManagerAPI:
        """The manager's status and announcement."""
        from bai_tui.api.functions.manager import ManagerAPI

        return ManagerAPI(self._session)

    @cached_property
    def Resource(self) -> ResourceAPI:
        """Resource presets, slots and usage."""
        from bai_tui.api.functions.resource import ResourceAPI

        return ResourceAPI(self._session)

    @cached_property
    def ScalingGroup(self) -> ScalingGroupAPI:
        """Scaling groups."""
        from bai_tui.api.functions.scaling_group import ScalingGroupAPI

        return ScalingGroupAPI(self._session)

    @cached_property
    def User(self) -> UserAPI:
        """Users."""
        from bai_tui.api.functions.user import UserAPI

        return UserAPI(self._session)

    @cached_property
    def VFolder(self) -> VFolderAPI:
        """Virtual folders."""
        from bai_tui.api.functions.vfolder import VFolderAPI

        return VFolderAPI(self._session)

    @cached_property
    def ComputeSession(self) -> KernelAPI:
        """Compute sessions, by the name later manuals give them; the same as `Kernel`."""
        from bai_tui.api.functions.kernels import KernelAPI

        return KernelAPI(self._session)

    @cached_property
    def AuditLog(self) -> AuditLogAPI:
        """Who changed what."""
        from bai_tui.api.functions.audit_log import AuditLogAPI

        return AuditLogAPI(self._session)

    @cached_property
    def BackgroundTask(self) -> BackgroundTaskAPI:
        """Long work of the server, with progress."""
        from bai_tui.api.functions.background_task import BackgroundTaskAPI

        return BackgroundTaskAPI(self._session)

    @cached_property
    def ContainerRegistry(self) -> ContainerRegistryAPI:
        """Container registries."""
        from bai_tui.api.functions.container_registry import ContainerRegistryAPI

        return ContainerRegistryAPI(self._session)

    @cached_property
    def ProjectResourcePolicy(self) -> ProjectResourcePolicyAPI:
        """Resource policies of projects (groups)."""
        from bai_tui.api.functions.resource_policies import ProjectResourcePolicyAPI

        return ProjectResourcePolicyAPI(self._session)

    @cached_property
    def QuotaScope(self) -> QuotaScopeAPI:
        """How much users and projects may store."""
        from bai_tui.api.functions.quota_scope import QuotaScopeAPI

        return QuotaScopeAPI(self._session)

    @cached_property
    def Service(self) -> ServiceAPI:
        """Model services."""
        from bai_tui.api.functions.service import ServiceAPI

        return ServiceAPI(self._session)

    @cached_property
    def SessionTemplate(self) -> SessionTemplateAPI:
        """Templates of sessions."""
        from bai_tui.api.functions.session_template import SessionTemplateAPI

        return SessionTemplateAPI(self._session)

    @cached_property
    def Storage(self) -> StorageAPI:
        """Storage hosts."""
        from bai_tui.api.functions.storage import StorageAPI

        return StorageAPI(self._session)

    @cached_property
    def UserResourcePolicy(self) -> UserResourcePolicyAPI:
        """Resource policies of users."""
        from bai_tui.api.functions.resource_policies import UserResourcePolicyAPI

        return UserResourcePolicyAPI(self._session)

    @property
    def _session(self) -> AsyncSession:
        return cast("AsyncSession", self)
