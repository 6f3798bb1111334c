"""The words of the synthetic contact centre."""

from __future__ import annotations

QUEUES = ("Billing", "Technical support", "Sales", "Claims", "Retention", "Complaints")

STATUSES = ("Available", "Offline", "Lunch", "Break", "Training", "Back office")
"""Agent statuses; those after the first two are the custom ones, in the order of custom_state_time_01 and on."""

NOT_WORKING = STATUSES[2:]

FLOWS = ("Main welcome", "Customer queue", "Agent whisper", "Chat welcome", "Callback offer", "Disconnect survey")
MODULES = ("Identify customer", "Opening hours", "Offer callback")

INTENTS = (
    ("CheckBalance", ("AccountNumber", "DateOfBirth")),
    ("ReportFault", ("ServiceAddress", "FaultKind")),
    ("ChangeAppointment", ("BookingReference", "NewDate")),
    ("SpeakToAgent", ("Reason",)),
)

SITES = ("Sydney", "Brisbane", "Perth", "Hobart")

FIRST_NAMES = (
    "Amara", "Bao", "Chloe", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Imani", "Jonas", "Kira", "Liam", "Mei",
    "Noah", "Olive", "Priya", "Quinn", "Rosa", "Sam", "Tane", "Uma", "Viktor", "Wren", "Xavier", "Yara", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Adeyemi", "Brown", "Castillo", "Dubois", "Evans", "Fischer", "Gupta", "Harris", "Ivanova", "Jones", "Kim", "Lopez",
    "Murphy", "Nguyen", "Okafor", "Patel", "Quigley", "Rossi", "Singh", "Tanaka", "Usman", "Vance", "Walker", "Young",
)  # fmt: skip

CASE_REASONS = ("Billing dispute", "Service outage", "Damaged goods", "Change of address", "Refund request")
CONTACT_CATEGORIES = ("Escalation", "Refund", "Compliments", "Cancellation risk", "Script followed")
SURVEY_ITEMS = ("Greeted the customer by name", "Verified identity", "Resolved the question", "Closed the contact well")
MODELS = ("amazon.nova-pro-v1:0", "amazon.nova-lite-v1:0", "anthropic.claude-3-7-sonnet-20250219-v1:0")
ARTICLES = ("Reading your bill", "Resetting the modem", "Return policy", "Roaming charges", "Moving house")
CAMPAIGNS = ("Renewal reminders", "Outage notice", "Winter offer")
