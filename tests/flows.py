"""Which test does which changing action, by keyboard in the whole program.

`tests/conftest.py` holds each of them to it; `tests/screens/test_flows.py` fails when a changing
action of the registry has no test here. What only later releases offer is done on a real server.
"""

from __future__ import annotations

from typing import Final

FLOWS: Final = {
    "tests/screens/test_first_light.py": {
        "test_the_first_minute": "session.shell",
    },
    "tests/screens/test_session_acts.py": {
        "test_a_new_session_is_there_at_once_and_becomes_the_real_one":
            "sessions.new form.submit session.terminate",
        "test_restart_and_interrupt": "session.restart session.interrupt",
        "test_a_domain_admin_forces_what_users_cannot": "session.force",
    },
    "tests/screens/test_launcher.py": {
        "test_a_queue_at_the_limit_says_why_and_moves": "sessions.clone",
    },
    "tests/screens/test_code.py": {
        "test_leaving_asks_and_interrupts_what_runs": "session.run code.run",
        "test_batch_from_files_to_results": "session.batch batch.start",
    },
    "tests/screens/test_folders.py": {
        "test_the_life_of_a_folder": "vfolders.new vfolder.rename vfolder.delete",
        "test_sharing_from_both_sides":
            "shares.invite shares.permission shares.revoke invitations.accept",
        "test_hosts_and_mounts_by_role": "hosts.mount hosts.umount",
    },
    "tests/contract/test_folder_screens.py": {
        "test_decline_and_leave": "invitations.decline vfolder.leave",
    },
    "tests/screens/test_sweeps.py": {
        "test_a_sweep_is_stopped_and_found_again_by_the_next_program":
            "sweeps.new sweep.resume sweep.stop",
        "test_what_failed_is_run_again": "sweep.retry sweep.again case.retry",
    },
    "tests/screens/admin/test_flows.py": {
        "test_the_life_of_a_user":
            "admin.create admin.edit admin.text admin.toggle admin.remove admin.purge",
        "test_groups_and_their_members": "members.add",
        "test_domains_and_scaling_groups_belong_together": "scaling.associate",
        "test_images": "image.alias image.dealias image.rescan",
        "test_agents_and_their_watcher": "agent.start agent.stop agent.restart",
        "test_the_configuration_store": "etcd.set etcd.edit etcd.text etcd.delete",
        "test_the_manager":
            "manager.freeze manager.unfreeze manager.announce manager.silence manager.force"
            " manager.recalculate",
    },
    "tests/contract/test_screens.py": {
        "test_a_folder_is_cloned": "vfolder.clone vfolder.cloneable",
        "test_a_folder_is_taken_out_of_the_trash": "vfolder.restore",
        "test_a_session_is_used_and_committed": "session.commit",
    },
    "tests/contract/test_later_actions.py": {
        "test_a_session_is_renamed": "session.rename",
        "test_a_template_is_kept_on_the_server": "form.share",
        "test_errors_are_marked_as_dealt_with": "serverlog.clear",
        "test_a_service_is_told_of_anew": "service.sync service.clear",
    },
}  # fmt: skip
"""File, test, ids of actions."""


def of_test(path: str, name: str) -> frozenset[str]:
    """The actions a test has to do."""
    return frozenset(FLOWS.get(path, {}).get(name, "").split())
