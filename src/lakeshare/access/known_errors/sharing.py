"""RAM, invitations and Connect's associations (connect-data-lake reference, section 7). Pure."""

from __future__ import annotations

from typing import Final

from lakeshare.access.known_errors.record import DOCS, KnownError

CONNECT = DOCS + "connect/latest/adminguide/datalake-tables.html"
CONSTRUCT = "github.com/cdklabs/cdk-construct-connect-datalake"
LINKS = DOCS + "lake-formation/latest/dg/resource-links-about.html"

SHARING: Final = (
    KnownError(
        "share.no-invitation",
        "No pending invitation after association (resourceShareInvitations is empty)",
        (
            ("no pending invitation",),
            ("resourceshareinvitations: []",),
            ("resourceshareinvitations", "empty"),
            ("no invitation",),
        ),
        "It has four meanings: the share is active already (an older one was reused), it does not show yet, it is in"
        " another Region, or the invitation has expired.",
        "`aws ram get-resource-shares --resource-owner OTHER-ACCOUNTS` in the lake's Region: ACTIVE is done. Otherwise"
        " look again for some minutes, and only then take it for expired. `lakeshare plan` tells which it is.",
        "documented",
        CONNECT,
    ),
    KnownError(
        "share.invitation-expired",
        "ResourceShareInvitationExpiredException",
        (("resourceshareinvitationexpired",), ("invitation", "expired")),
        "Invitations to shares of Glue and Lake Formation live twelve hours. This one is dead and cannot be accepted"
        " any"
        " more; new associations may even join its share and never appear.",
        "`lakeshare apply` associates again where everything on the share is ours; else it lists what is on it and asks"
        " for `--recover-share ARN`. By hand: disassociate every data set on the share, wait two minutes, associate"
        " again, accept.",
        "documented",
        f"{CONNECT}; {CONSTRUCT}",
    ),
    KnownError(
        "share.already-accepted",
        "ResourceShareInvitationAlreadyAcceptedException",
        (("resourceshareinvitationalreadyaccepted",), ("invitation", "already accepted")),
        "Somebody else, or an earlier run, has accepted it. That is what was wanted.",
        "Nothing.",
        "observed",
        f"{CONSTRUCT}; data.all",
    ),
    KnownError(
        "share.tables-never-appear",
        "New tables never appear after association",
        (("tables never appear",), ("never appear", "association"), ("not appear", "association")),
        "The association joined a share whose invitation has expired.",
        "Disassociate all data sets of that target, see that the share is gone, and associate again:"
        " `lakeshare apply --recover-share ARN`.",
        "observed",
        f"{CONSTRUCT}, README",
    ),
    KnownError(
        "share.association-failed",
        "Association failed because the caller was not authorized.",
        (("association failed because the caller was not authorized",),),
        "Accepting makes RAM write a resource policy into the owner's catalog in the name of whoever granted, and that"
        " role lacks glue:PutResourcePolicy.",
        "In an account of your own give the granting role glue:PutResourcePolicy and glue:DeleteResourcePolicy, revoke"
        " and grant again. For Connect's lake that role is AWS's: associate again, and else open a support case.",
        "documented",
        DOCS + "lake-formation/latest/dg/troubleshooting.html",
    ),
    KnownError(
        "share.not-listed",
        "Shared table not in list when creating a link",
        (("shared table", "not in list"), ("shared table", "not", "list"), ("table", "not in the list", "link")),
        "Whoever looks is no Lake Formation administrator of the consumer's account, or the invitation is not"
        " accepted.",
        "Become an administrator, accept the invitation, look again. A link needs neither:"
        " `aws glue create-table` with a TargetTable makes it whatever can be seen.",
        "documented",
        LINKS.replace("resource-links-about", "create-resource-link-table"),
    ),
    KnownError(
        "share.batch-is-partial",
        "Batch call returns 200, some data sets are missing (Errors[] without ids)",
        (("errors[]", "ids"), ("200", "missing", "data set"), ("errors[]", "without"), ("batch", "partial")),
        "The call failed for some data sets, inside an answer that says 200, and Connect does not say for which: not"
        " offered in this Region, not by this instance.",
        "Compare what was asked with Created, try the rest one by one, and look at"
        " `aws connect list-analytics-data-lake-data-sets --instance-id ID`. `lakeshare apply` does.",
        "documented",
        "botocore service model, connect BatchAssociateAnalyticsDataSet",
    ),
    KnownError(
        "share.scheduling-tables-absent",
        "Scheduling tables absent in console",
        (("scheduling tables",), ("scheduling", "console")),
        "Connect's console offers only a part of the tables.",
        "Associate them through the API: name them in the spec (`group:scheduling`), or"
        " `aws connect associate-analytics-data-set`.",
        "documented",
        DOCS + "connect/latest/adminguide/access-datalake.html",
    ),
    KnownError(
        "share.instance-deleted-first",
        "Clean-up impossible: the Connect instance was deleted first",
        (("clean-up impossible",), ("cleanup impossible",), ("instance", "deleted first")),
        "Associations can be taken away only through their instance.",
        "Disassociate (`lakeshare destroy`) before an instance is deleted; afterwards only AWS's support can.",
        "observed",
        f"{CONSTRUCT}, README",
    ),
    KnownError(
        "construct.success-is-not",
        "Stack SUCCESS but nothing works",
        (("stack", "success", "nothing works"), ("success", "nothing works")),
        "The CDK construct for Connect's lake reports failures as success; they are in the stack's output.",
        "Read the output `<id>Errors` of the stack; `lakeshare verify` proves by queries what really works.",
        "observed",
        CONSTRUCT,
    ),
)
