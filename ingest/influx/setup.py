"""Preparing a server: the organization, the bucket, and two tokens that can do no more than they must."""

from dataclasses import dataclass, replace
from typing import Any

from influxdb_client.domain.authorization_post_request import AuthorizationPostRequest
from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.patch_bucket_request import PatchBucketRequest
from influxdb_client.domain.permission import Permission
from influxdb_client.domain.permission_resource import PermissionResource
from influxdb_client.domain.post_bucket_request import PostBucketRequest
from influxdb_client.domain.post_organization_request import PostOrganizationRequest
from influxdb_client.service.authorizations_service import AuthorizationsService
from influxdb_client.service.buckets_service import BucketsService
from influxdb_client.service.organizations_service import OrganizationsService

from ingest.errors import InfluxError
from ingest.influx.destination import Destination
from ingest.influx.server import InfluxServer

_S_A_DAY = 86_400
_LONGEST_SHARD_S = 91 * _S_A_DAY  # a season, as the longest panels: by default it would be a week
FORWARDER, GRAFANA = "fasciwatch forwarder", "fasciwatch Grafana"  # what the tokens are called on the server


@dataclass(frozen=True, slots=True)
class Tokens:
    """The two tokens of a bucket.

    Attributes:
        forwarder: May read and write the bucket.
        grafana: May only read it.
    """

    forwarder: str
    grafana: str


async def prepare(server: InfluxServer, *, retention_s: int, there: Tokens | None = None) -> Tokens:
    """See that organization and bucket are there and keep points for so long; make tokens unless there are.

    Where tokens are made, earlier ones of these names for this bucket end.

    Args:
        server: Opened with a token that may do all of this, such as the operator's.
        retention_s: 0 keeps points for good.
        there: Tokens that were made before; they are kept if they still open the bucket.

    Raises:
        InfluxError: The server is away or the token has not the rights.
    """
    with server.sentences():
        org_id = await _organization(server)
        bucket_id = await _bucket(server, org_id, retention_s)
        if there is not None and await _work(server.destination, there):
            return there
        return Tokens(
            forwarder=await _token(server, org_id, bucket_id, FORWARDER, ("read", "write")),
            grafana=await _token(server, org_id, bucket_id, GRAFANA, ("read",)),
        )


async def _work(to: Destination, tokens: Tokens) -> bool:
    try:
        async with InfluxServer(replace(to, token=tokens.grafana)) as reading:
            await reading.bucket()
        async with InfluxServer(replace(to, token=tokens.forwarder)) as writing:
            await writing.bucket()
            await writing.may_write()
    except InfluxError as error:
        if error.status is None:
            raise
        return False
    return True


async def _organization(server: InfluxServer) -> str:
    service: Any = OrganizationsService(server.client.api_client)
    name = server.destination.org
    orgs = (await service.get_orgs_async(limit=100)).orgs
    found = [org.id for org in orgs if org.name == name]
    return str(
        found[0]
        if found
        else (await service.post_orgs_async(post_organization_request=PostOrganizationRequest(name=name))).id
    )


async def _bucket(server: InfluxServer, org_id: str, retention_s: int) -> str:
    service: Any = BucketsService(server.client.api_client)
    name = server.destination.bucket
    rules = [
        BucketRetentionRules(every_seconds=retention_s, shard_group_duration_seconds=_shard_s(retention_s))
    ]
    buckets = (await service.get_buckets_async(org_id=org_id, limit=100)).buckets
    found = [bucket.id for bucket in buckets if bucket.name == name]
    if not found:
        request = PostBucketRequest(org_id=org_id, name=name, retention_rules=rules)
        return str((await service.post_buckets_async(post_bucket_request=request)).id)
    await service.patch_buckets_id_async(found[0], PatchBucketRequest(retention_rules=rules))
    return str(found[0])


def _shard_s(retention_s: int) -> int:
    """How long a shard is: a query opens every series in every shard, and a shard is dropped as a whole."""
    return min(_LONGEST_SHARD_S, max(_S_A_DAY, retention_s // 4)) if retention_s else _LONGEST_SHARD_S


async def _token(
    server: InfluxServer, org_id: str, bucket_id: str, name: str, actions: tuple[str, ...]
) -> str:
    service: Any = AuthorizationsService(server.client.api_client)
    called = f"{name}, bucket {server.destination.bucket}"
    for old in (await service.get_authorizations_async(org_id=org_id)).authorizations:
        if old.description == called:
            await service.delete_authorizations_id_async(old.id)
    bucket = PermissionResource(type="buckets", id=bucket_id, org_id=org_id)
    request = AuthorizationPostRequest(
        org_id=org_id,
        description=called,
        permissions=[Permission(action=action, resource=bucket) for action in actions],
    )
    return str((await service.post_authorizations_async(authorization_post_request=request)).token)
