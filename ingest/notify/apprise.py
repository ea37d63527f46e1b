"""Sending one message to one address, by Apprise."""

import logging

import apprise

from ingest.alerts.message import Message

logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its warnings repeat addresses, tokens included


def send(address: str, message: Message) -> str:
    """Send it, and return why it could not be sent; nothing where it was taken.

    >>> send("nobody://here", Message("Title", "Body"))
    'this is no address that Apprise knows'
    """
    kept_in_memory = apprise.AppriseAsset(storage_mode=apprise.PersistentStoreMode.MEMORY)
    sender = apprise.Apprise(asset=kept_in_memory)
    if not sender.add(address):
        return "this is no address that Apprise knows"
    taken = sender.notify(
        title=message.title, body=message.body, body_format=apprise.NotifyFormat.TEXT, interpret_escapes=False
    )
    return "" if taken else "the message was not taken; is the address right, and the network up?"
