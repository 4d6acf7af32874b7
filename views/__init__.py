"""Every face of the data: screens, public pages, ledgers, prints."""

from importlib import import_module


def all_screens() -> list:
    """One instance of every screen, in the order of the menu."""
    return [getattr(import_module(f"views.{room}"), name)() for room, name in SCREENS]


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
    ("training", "TrainingScreen"),
    ("training", "AttendanceScreen"),
    ("qualifications", "QualificationScreen"),
    ("qualifications", "BackboneScreen"),
    ("training_plans", "PlanScreen"),
    ("training_plans", "PlanLineScreen"),
    ("activities", "ActivityScreen"),
    ("assignments", "AssignmentScreen"),
    ("covers", "CoverScreen"),
    ("sheets", "SheetScreen"),
    ("records", "ServiceRecordScreen"),
    ("notices", "NoticeScreen"),
    ("notices", "ObjectionScreen"),
    ("records", "CorrectionScreen"),
    ("hours", "EntryScreen"),
    ("hours", "BalanceScreen"),
    ("stars", "StarScreen"),
    ("honours", "HonourScreen"),
    ("measures", "MeasureScreen"),
    ("measures", "TakeUpScreen"),
    ("rewards", "RedemptionScreen"),
    ("rewards", "RewardItemScreen"),
    ("set_up", "ProgressScreen"),
    ("set_up", "SetUpScreen"),
    ("set_up", "DutyScreen"),
    ("set_up", "SupportScreen"),
    ("self_checks", "SelfCheckScreen"),
    ("spot_checks", "SpotCheckScreen"),
    ("spot_checks", "SpotSampleScreen"),
    ("publicity", "StoryScreen"),
    ("publicity", "MeetingScreen"),
    ("publicity", "FollowUpScreen"),
    ("statistics", "Statistics"),
    ("jobs", "JobScreen"),
    ("imports", "Imports"),
    ("exports", "ExportPage"),
    ("policy", "PolicyPage"),
    ("stations", "StationScreen"),
    ("stations", "DivisionScreen"),
    ("people", "PeopleScreen"),
    ("vocabulary", "VocabularyScreen"),
    ("audit", "AuditScreen"),
]
