"""`/image/import`: the form of the real release; importing itself is refused (rest-admin.md 5).

The images of the local cluster are the interpreters of this machine; there is no container
engine that could unpack anything else.
"""

from __future__ import annotations

from aiohttp import web

from bai_tui.local.params import Field, integer, list_of, mapping, one_of, params, text
from bai_tui.local.problems import NotImplementedQuery
from bai_tui.local.routing import Call, Guard, Needs, Route, add, reply

FORM = {
    "fieldGroups": [
        {
            "name": "Import options",
            "fields": [
                {"name": "src", "type": "string", "label": "Source Docker image"},
                {"name": "target", "type": "string", "label": "Target Docker image"},
                {"name": "brand", "type": "string", "label": "Name of Jupyter kernel"},
                {
                    "name": "baseDistro",
                    "type": "choice",
                    "choices": ["ubuntu", "centos"],
                    "default": "ubuntu",
                    "label": "Base LINUX distribution",
                },
                {
                    "name": "minCPU",
                    "type": "number",
                    "min": 1,
                    "default": 1,
                    "label": "Minimum required CPU core(s)",
                },
                {
                    "name": "minMemory",
                    "type": "binarysize",
                    "min": "64m",
                    "default": "64m",
                    "label": "Minimum required memory size",
                },
                {
                    "name": "preferredSharedMemory",
                    "type": "binarysize",
                    "min": "64m",
                    "default": "64m",
                    "label": "Preferred shared memory size",
                },
                {
                    "name": "supportedAccelerators",
                    "type": "multichoice[str]",
                    "choices": ["cuda"],
                    "default": "cuda",
                    "label": "Supported accelerators",
                },
                {
                    "name": "runtimeType",
                    "type": "choice",
                    "choices": ["python"],
                    "default": "python",
                    "label": "Runtime type of the image",
                },
                {
                    "name": "runtimePath",
                    "type": "string",
                    "default": "/usr/local/bin/python",
                    "label": "Path of the runtime",
                },
                {
                    "name": "CPUCountEnvs",
                    "type": "list[string]",
                    "default": ["NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"],
                    "label": "Environment variables for the number of CPU cores",
                },
                {
                    "name": "servicePorts",
                    "type": "multichoice[template]",
                    "templates": [
                        {"name": "jupyter", "protocol": "http", "ports": [8080]},
                        {"name": "ttyd", "protocol": "http", "ports": [7681]},
                    ],
                    "label": "Service ports",
                },
            ],
            "help": "Import a Docker image as a session image.",
        }
    ]
}


async def form(call: Call) -> web.StreamResponse:
    """The form that front ends draw."""
    return reply(FORM)


async def import_image(call: Call) -> web.StreamResponse:
    """Check the request, then say that nothing can be imported here."""
    raise NotImplementedQuery(
        "The local cluster runs the interpreters of this machine and can't import images."
    )


IMPORT = params(
    Field("src"),
    Field("target"),
    Field("launchOptions", check=mapping, default={}),
    Field("brand"),
    Field("baseDistro", check=one_of("ubuntu", "centos")),
    Field("minCPU", check=integer(1), default=1),
    Field("minMemory", default="64m"),
    Field("preferredSharedMemory", default="64m"),
    Field("supportedAccelerators", check=list_of(text)),
    Field("runtimeType", check=one_of("python")),
    Field("runtimePath"),
    Field("CPUCountEnvs", check=list_of(text)),
    Field("servicePorts", check=list_of(mapping), default=()),
    extra=True,
)
ROUTES = (
    Route("GET", "/image/import", form, Guard.ADMIN),
    Route("POST", "/image/import", import_image, Guard.ADMIN, Needs.RUNNING, IMPORT),
)


def add_routes(app: web.Application) -> None:
    """Register `/image`."""
    add(app, ROUTES, versions=(4,))
