"""Attributes that are made when they are first asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from functools import cached_property as cached_property
else:
    import os
    from _thread import RLock

    # What is made here imports a module first. A child that is forked in the middle of another thread's import waits for that
    # thread for ever, for it has none: so a fork waits until none of ours is under way.
    _importing = RLock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=_importing.acquire,
            after_in_parent=_importing.release,
            after_in_child=_importing.release,
        )

    class cached_property:  # noqa: N801
        """As in `functools`, which takes longer to import than this package."""

        def __init__(self, make):
            self._make = make
            self.__doc__ = make.__doc__

        def __set_name__(self, owner, name):
            self._name = name

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            with _importing:
                value = instance.__dict__[self._name] = self._make(instance)
            return value
