"""The base of every section of `config.yaml`, and what several of them check."""

from ipaddress import ip_network

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A group of settings: unknown names are faults, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def network(text: str) -> str:
    """An address or network as it was written. Raises ValueError."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        raise ValueError("必须是 IP 地址或网段，例如 10.0.0.0/8") from None
    return text
