#!/usr/bin/env bash
# Accept whatever waits.
set -euo pipefail

pending="resourceShareInvitations[?status=='PENDING'].resourceShareInvitationArn"
for arn in $(aws ram get-resource-share-invitations --query "$pending" --output text); do
    aws ram accept-resource-share-invitation --resource-share-invitation-arn "$arn" \
        --query 'resourceShareInvitation.status' --output text
done
