"""`Reply` -> the text that a terminal shows."""

from bot.messages import Reply


def render(reply: Reply, base_url: str) -> str:
    """The whole reply as plain text, parts separated by empty lines."""
    parts = [reply.notice]
    parts.append(f"【{reply.title}】\n{reply.text}" if reply.title else reply.text)
    parts += [reply.basis, reply.note]
    parts += [f"{link.label}：{absolute(link.url, base_url)}" for link in reply.links]
    choices = [f"{number}. {choice.label}" for number, choice in enumerate(reply.choices, 1)]
    parts.append("\n".join(line for line in (reply.prompt, *choices) if line))
    parts.append(reply.hint)
    return "\n\n".join(part for part in parts if part)


def absolute(url: str, base_url: str) -> str:
    """A path on the site as an address; addresses stay as they are."""
    return f"{base_url}{url}" if url.startswith("/") else url
