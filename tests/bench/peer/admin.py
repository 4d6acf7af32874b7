"""The same columns, search and filters as the desk's screens (`views.records`, `views.volunteers`)."""

from django import forms
from django.contrib import admin

from peer.models import ServiceRecord, Term, Volunteer
from rules.service_grid import DAYS, PARTS
from views.base import PAGE_SIZE
from views.volunteers import VolunteerScreen

DIGEST_LENGTH = 40  # a document's keyed digest; Django has no box that makes one of a number
ONE_OF = ("ethnicity", "politics", "education", "occupation")
SOME_OF = {"skills": "skill", "categories": "category"}


class Peer(admin.ModelAdmin):
    list_per_page = PAGE_SIZE
    show_full_result_count = False
    document = ""

    def get_search_fields(self, request):
        digest = len(request.GET.get("q", "")) == DIGEST_LENGTH
        return (f"{self.document}__exact",) if digest else self.search_fields


@admin.register(ServiceRecord)
class ServiceRecordAdmin(Peer):
    list_display = (
        "started_at", "ended_at", "volunteer__name", "volunteer__card_no", "activity__name", "minutes", "content", "quality",
        "backfilled", "station", "state",
    )  # fmt: skip
    list_select_related = ("volunteer", "activity", "station")
    list_filter = ("state", "started_at", "backfilled")
    search_fields = ("volunteer__name", "volunteer__card_no")
    raw_id_fields = ("volunteer", "activity", "station")
    document = "volunteer__document_index"


@admin.register(Volunteer)
class VolunteerAdmin(Peer):
    list_display = ("name", "card_no", "gender", "age", "phone", "skills", "station", "state", "registered_on")
    list_select_related = ("station",)
    list_filter = ("state", "gender", "registered_on")
    search_fields = ("name", "card_no")
    raw_id_fields = ("residence",)
    document = "document_index"
    fieldsets = [(title, {"fields": names.split()}) for title, names in VolunteerScreen.form_groups]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Coded columns as the choices that the paper form offers."""
        label, name = db_field.verbose_name, db_field.name
        if name in ONE_OF:
            return forms.ChoiceField(label=label, required=False, choices=[("", "请选择"), *_terms(name)])
        if name in SOME_OF:
            return _ticks(label, _terms(SOME_OF[name]))
        if name == "service_times":
            return _ticks(
                label, [(f"{n:02d}", f"{d}{p}") for n, (d, p) in enumerate(((d, p) for d in DAYS for p in PARTS), 1)]
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _terms(kind):
    return list(Term.objects.filter(kind=kind).order_by("position", "code").values_list("code", "name"))


def _ticks(label, choices):
    return forms.MultipleChoiceField(
        label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple
    )
