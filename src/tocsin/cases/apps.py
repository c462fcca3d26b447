"""Names the app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The room of cases and field reporters."""

    name = "tocsin.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let what this room keeps elsewhere go with a shredded case; and no one person shred one."""
        from tocsin.cases import keeping
        from tocsin.cases.access import BOTH
        from tocsin.keys import shredding

        shredding.also(keeping.sweep)
        for kind in BOTH:
            shredding.only_by_its_room(kind)
