"""The ASGI application: the site, the webhooks of the channels and the operator's pages in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from bot.app import Program


def make_web(program: Program) -> FastAPI:
    """The web application around a program; it starts and closes the program with itself."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with program.running():
            yield

    return FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
