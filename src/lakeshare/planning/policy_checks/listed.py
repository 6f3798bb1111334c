"""
Every check there is: how grave what it finds is, what mends it, and what it rests on.

docs/policies.md has the same list; a test holds the two together. Ids never change once they are published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_GRAMMAR: Final = f"{_GUIDE}reference_policies_grammar.html"
_QUOTAS: Final = f"{_GUIDE}reference_iam-quotas.html"
_PRINCIPAL: Final = f"{_GUIDE}reference_policies_elements_principal.html"
_OPERATORS: Final = f"{_GUIDE}reference_policies_elements_condition_operators.html"
_DEPUTY: Final = f"{_GUIDE}confused-deputy.html"
_NAMES: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
_ANALYZER: Final = f"{_GUIDE}access-analyzer-reference-policy-checks.html"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it is about in a few words, the usual mend, and the source."""

    severity: Literal["error", "warning", "note"]
    about: str
    mend: str
    source: str
    blocks: bool = False


CHECKS: Final[Mapping[str, Check]] = {
    # Grammar: IAM refuses these.
    "grammar.type": Check(
        "error", "a value is of another JSON type than IAM reads there", "write it as the grammar has it", _GRAMMAR
    ),
    "grammar.version": Check(
        "error", "the Version is none of IAM's", 'write `"Version": "2012-10-17"`', _GRAMMAR
    ),
    "grammar.version-old": Check(
        "warning",
        "no Version, or that of 2008, in which variables are plain text",
        'write `"Version": "2012-10-17"`',
        f"{_GUIDE}reference_policies_elements_version.html",
    ),
    "grammar.statement": Check("error", "there is no statement", "write at least one statement", _GRAMMAR),
    "grammar.element": Check(
        "error", "an element that the policy language does not have, or has twice", "take it out, or correct its name",
        _GRAMMAR,
    ),
    "grammar.empty": Check(
        "error", "an element is an empty list", "name what is meant, or take the statement out", _GRAMMAR
    ),
    "grammar.effect": Check("error", "the Effect is neither Allow nor Deny", "write Allow or Deny", _GRAMMAR),
    "grammar.action": Check(
        "error", "a statement has neither Action nor NotAction, or both", "write exactly one of the two", _GRAMMAR
    ),
    "grammar.action-form": Check(
        "error", "an action is not of the form service:Operation", "write it as `service:Operation`",
        f"{_GUIDE}reference_policies_elements_action.html",
    ),
    "grammar.resource": Check(
        "error", "a statement has neither Resource nor NotResource, or both, or has one in a trust policy",
        "write exactly one of the two; a trust policy has none", _GRAMMAR,
    ),
    "grammar.resource-form": Check(
        "error", "a resource is neither an ARN nor *", "write an ARN with its six parts, or `*`",
        f"{_GUIDE}reference_policies_elements_resource.html",
    ),
    "grammar.principal": Check(
        "error", "a statement of a trust policy names nobody", "name a Principal", _PRINCIPAL
    ),
    "grammar.principal-in-identity-policy": Check(
        "error", "a policy of a role, user or group, or of a session, names a principal, which IAM refuses",
        "take Principal out: the policy is for whoever carries it", _PRINCIPAL,
    ),
    "grammar.principal-form": Check(
        "error", "a principal is not written as IAM reads it",
        "write AWS, Service, Federated or CanonicalUser with an ARN, an account or a service", _PRINCIPAL,
    ),
    "grammar.trust-action": Check(
        "error", "a trust policy allows something that is no action of STS",
        "a trust policy speaks of sts:AssumeRole and its kin alone", _PRINCIPAL,
    ),
    "grammar.sid": Check(
        "error", "a Sid has letters that IAM does not take, or two statements share one",
        "give each statement a Sid of its own, of A-Z, a-z and 0-9",
        f"{_GUIDE}reference_policies_elements_sid.html",
    ),
    "grammar.condition-operator": Check(
        "error", "a condition operator does not exist", "correct its name", _OPERATORS
    ),
    # Sizes, in characters without white space.
    "size.inline": Check(
        "error", "all inline policies of a role together pass 10,240 characters",
        "name fewer tables in one share, or whole databases; or give parts of the lake to roles of their own", _QUOTAS,
    ),
    "size.managed": Check(
        "error", "a managed policy passes 6,144 characters", "split it into two policies", _QUOTAS
    ),
    "size.trust": Check(
        "error", "a trust policy passes 4,096 characters, the most that a raised quota allows",
        "let one statement name several principals, or trust an organisation", _QUOTAS,
    ),
    "size.trust-default": Check(
        "warning", "a trust policy passes 2,048 characters, the quota unless it was raised",
        "have the quota `Role trust policy length` raised (4,096 at most), or shorten the policy", _QUOTAS,
    ),
    "size.session": Check(
        "error", "a session policy passes 2,048 characters", "shorten it, or hand in managed policies by ARN", _QUOTAS
    ),
    "size.attached": Check(
        "warning", "a role has more than ten managed policies, the quota unless it was raised",
        "join some of them, or have the quota raised (20 at most)", _QUOTAS,
    ),
    # Names: IAM takes these without a word, and they do nothing.
    "name.service": Check(
        "warning", "no service has this prefix, so the action allows nothing", "correct the prefix", _NAMES
    ),
    "name.action": Check(
        "warning", "the service has no such action, so it allows nothing", "correct the name", _NAMES
    ),
    "name.condition-key": Check(
        "warning", "no such condition key exists, though one is close: the condition never holds as it is meant",
        "correct the key", f"{_GUIDE}reference_policies_condition-keys.html",
    ),
    "name.managed-policy": Check(
        "error", "a managed policy that a role is to have does not exist", "correct its ARN, or leave it out",
        f"{_GUIDE}access_policies_managed-vs-inline.html",
    ),
    # Who may come in.
    "trust.cross-account-root": Check(
        "error", "a role trusts another account as a whole, with neither an ExternalId nor an organisation condition",
        "name the exact role in place of the account, or add a condition on sts:ExternalId or aws:PrincipalOrgID",
        _DEPUTY, blocks=True,
    ),
    "trust.anyone": Check(
        "error", "a role trusts everybody, in any account",
        "name who is meant, or add a condition on aws:PrincipalOrgID", _PRINCIPAL,
    ),
    "trust.cross-account": Check(
        "warning", "a role trusts somebody of another account without an ExternalId or an organisation condition",
        "add a condition on sts:ExternalId, or on aws:PrincipalOrgID", _DEPUTY,
    ),
    "trust.account-root": Check(
        "note", "a role trusts an account as a whole: everybody whom that account's own policies allow",
        "name the exact roles, if they are few", _PRINCIPAL,
    ),
    "trust.not-principal": Check(
        "warning", "a role trusts everybody but those named", "name who is meant with Principal",
        f"{_GUIDE}reference_policies_elements_notprincipal.html",
    ),
    "trust.service": Check(
        "note", "a role trusts a service without saying on whose behalf it must come",
        "add a condition on aws:SourceAccount (this account), or on aws:SourceArn", _DEPUTY,
    ),
    "trust.federated": Check(
        "warning", "a role trusts everybody for whom an identity provider vouches",
        "add a condition on the provider's audience and subject", f"{_GUIDE}id_roles_create_for-idp.html",
    ),
    # What it gives.
    "grant.everything": Check(
        "warning", "everything is allowed on everything", "name the actions and resources that the work needs",
        f"{_GUIDE}best-practices.html",
    ),
    "grant.whole-service": Check(
        "warning", "all actions of a service are allowed", "name the actions that the work needs",
        f"{_GUIDE}best-practices.html",
    ),
    "grant.any-resource": Check(
        "warning", "an action that changes things, and could be held to some of them, is allowed on all",
        "name the resources", f"{_GUIDE}best-practices.html",
    ),
    "grant.pass-any-role": Check(
        "warning", "any role may be passed to any service, and with it all that the role may do",
        "name the roles, and the services with a condition on iam:PassedToService",
        f"{_GUIDE}id_roles_use_passrole.html",
    ),
    "grant.not-action": Check(
        "warning", "everything but some actions is allowed, also what AWS adds tomorrow",
        "name the actions with Action",
        f"{_GUIDE}reference_policies_elements_notaction.html",
    ),
    "grant.not-resource": Check(
        "warning", "something is allowed on everything but some resources", "name the resources with Resource",
        f"{_GUIDE}reference_policies_elements_notresource.html",
    ),
    # What IAM Access Analyzer says itself, and what could not be looked at.
    "analyzer.error": Check("error", "IAM Access Analyzer calls it an error", "see the page it links to", _ANALYZER),
    "analyzer.security-warning": Check(
        "warning", "IAM Access Analyzer warns of what is allowed", "see the page it links to", _ANALYZER
    ),
    "analyzer.warning": Check("warning", "IAM Access Analyzer warns", "see the page it links to", _ANALYZER),
    "analyzer.suggestion": Check(
        "note", "IAM Access Analyzer has a suggestion", "see the page it links to", _ANALYZER
    ),
    "unchecked.analyzer": Check(
        "note", "IAM Access Analyzer could not be asked; every other check was made",
        "allow the operator `access-analyzer:ValidatePolicy`, if its word is wanted",
        "https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html",
    ),
    "unchecked.policy": Check(
        "note", "a policy that the job rests on could not be read", "allow the operator to read it in IAM",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html",
    ),
}  # fmt: skip
