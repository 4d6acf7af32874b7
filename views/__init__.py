"""Every face of the data: screens, public pages, ledgers, prints."""

from importlib import import_module
from typing import Any


def all_screens() -> list:
    """One instance of every screen, in the order of the menu."""
    return [getattr(import_module(f"views.{room}"), name)() for room, name in SCREENS]


def public_pages() -> Any:
    """The public site's blueprint with every page of it."""
    for room in PUBLIC:
        import_module(f"views.{room}")
    return import_module("views.public_site").pages


PUBLIC = ("public", "public_projects", "public_stations", "public_notices", "public_policy", "public_figures")
SCREENS = [
    ("households", "HouseholdScreen"),
    ("households", "RecipientScreen"),
    ("households", "VisitScreen"),
    ("needs", "NeedScreen"),
    ("projects", "ProjectScreen"),
    ("projects", "PostScreen"),
    ("applications", "ApplicationScreen"),
    ("volunteers", "VolunteerScreen"),
    ("volunteers", "ClaimScreen"),
    ("transfer", "DepartureScreen"),
    ("transfer", "ArrivalScreen"),
    ("transfer", "BroughtScreen"),
    ("consents", "ConsentScreen"),
    ("erasures", "ErasureScreen"),
    ("training", "TrainingScreen"),
    ("training", "AttendanceScreen"),
    ("qualifications", "QualificationScreen"),
    ("qualifications", "BackboneScreen"),
    ("training_plans", "PlanScreen"),
    ("training_plans", "PlanLineScreen"),
    ("activities", "ActivityScreen"),
    ("assignments", "AssignmentScreen"),
    ("covers", "CoverScreen"),
    ("teams", "TeamScreen"),
    ("teams", "TeamMemberScreen"),
    ("sheets", "SheetScreen"),
    ("records", "ServiceRecordScreen"),
    ("notices", "NoticeScreen"),
    ("notices", "ObjectionScreen"),
    ("records", "CorrectionScreen"),
    ("anomalies", "AnomalyScreen"),
    ("assessments", "AssessmentScreen"),
    ("complaints", "ComplaintScreen"),
    ("closes", "CloseScreen"),
    ("hours", "EntryScreen"),
    ("hours", "BalanceScreen"),
    ("openings", "OpeningScreen"),
    ("account_checks", "AccountCheckScreen"),
    ("upwards", "BatchScreen"),
    ("upwards", "RecordScreen"),
    ("upwards_in", "ReceivedScreen"),
    ("upwards_in", "ReceivedRecordScreen"),
    ("stars", "StarScreen"),
    ("honours", "HonourScreen"),
    ("certificates", "CertificateScreen"),
    ("measures", "MeasureScreen"),
    ("measures", "TakeUpScreen"),
    ("rewards", "RedemptionScreen"),
    ("rewards", "RewardItemScreen"),
    ("stock", "StockScreen"),
    ("gifts", "GiftScreen"),
    ("pool", "GrantScreen"),
    ("set_up", "ProgressScreen"),
    ("set_up", "SetUpScreen"),
    ("set_up", "DutyScreen"),
    ("set_up", "SupportScreen"),
    ("self_checks", "SelfCheckScreen"),
    ("spot_checks", "SpotCheckScreen"),
    ("spot_checks", "SpotSampleScreen"),
    ("pairing", "UnitScreen"),
    ("pairing", "PairingScreen"),
    ("pairing", "PairedHouseholdScreen"),
    ("publicity", "StoryScreen"),
    ("publicity", "MeetingScreen"),
    ("publicity", "FollowUpScreen"),
    ("statistics", "Statistics"),
    ("messages", "MessageScreen"),
    ("jobs", "JobScreen"),
    ("imports", "Imports"),
    ("exports", "ExportPage"),
    ("policy", "PolicyPage"),
    ("policy_drafts", "PolicyDraftScreen"),
    ("previews", "PreviewPage"),
    ("retention", "RetentionScreen"),
    ("stations", "StationScreen"),
    ("dissolving", "DissolutionScreen"),
    ("stations", "DivisionScreen"),
    ("people", "PeopleScreen"),
    ("vocabulary", "VocabularyScreen"),
    ("webhooks", "WebhookScreen"),
    ("peers", "PeerScreen"),
    ("upwards", "LinkScreen"),
    ("upwards_in", "SenderScreen"),
    ("backups", "BackupScreen"),
    ("audit", "AuditScreen"),
]
