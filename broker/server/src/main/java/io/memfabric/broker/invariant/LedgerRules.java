package io.memfabric.broker.invariant;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The rules that hold between hosts, regions, grants and what they are made of. Most are
/// constraints too: a check from outside finds what a dropped constraint, a torn index or a database
/// restored by parts let through.
@Configuration(proxyBeanMethods = false)
class LedgerRules {

    @Bean
    Invariant countersOfHostsAgree() {
        return new Invariant(
                "counters_of_hosts_agree",
                """
                select h.id::text, format('counts %s/%s/%s, has %s/%s/%s', h.offered_regions,
                    h.claimed_regions, h.blocked_regions, coalesce(r.offered, 0),
                    coalesce(r.claimed, 0), coalesce(r.blocked, 0))
                from hosts h left join (
                    select host_id, count(*) as offered,
                        count(*) filter (where state = 'CLAIMED') as claimed,
                        count(*) filter (where state = 'BLOCKED') as blocked
                    from regions where medium = 'MEMORY' group by host_id) r on r.host_id = h.id
                where (h.offered_regions, h.claimed_regions, h.blocked_regions) <>
                    (coalesce(r.offered, 0), coalesce(r.claimed, 0), coalesce(r.blocked, 0))""");
    }

    /// What a host offers is what it has above its reserve: its agent makes regions of nothing else.
    @Bean
    Invariant hostsLendWhatTheyOffer() {
        return new Invariant(
                "hosts_lend_what_they_offer",
                """
                select id::text, format('%s claimed and %s blocked of %s offered regions',
                    claimed_regions, blocked_regions, offered_regions)
                from hosts where claimed_regions + blocked_regions > offered_regions""");
    }

    @Bean
    Invariant oneLiveOwner() {
        return new Invariant(
                "one_live_owner",
                """
                select format('%s.%s.%s', host_id, boot_id, region_id),
                    'owned by ' || string_agg(grant_id::text, ', ')
                from legs where state = 'LIVE' group by host_id, boot_id, region_id
                having count(*) > 1""");
    }

    @Bean
    Invariant disksServeTheirOwnHost() {
        return new Invariant(
                "disks_serve_their_own_host",
                """
                select format('%s.%s.%s', r.host_id, r.boot_id, r.region_id),
                    format('%s claimed for grant %s of %s', r.medium, g.id, g.borrower_id)
                from regions r join grants g on g.id = r.grant_id
                where (g.borrower_id = r.host_id) <> (r.medium = 'DISK')""");
    }

    @Bean
    Invariant claimedRegionsHaveALeg() {
        return new Invariant(
                "claimed_regions_have_a_leg",
                """
                select format('%s.%s.%s', r.host_id, r.boot_id, r.region_id),
                    format('claimed in generation %s by %s without a live leg', r.generation,
                        r.grant_id)
                from regions r where r.state = 'CLAIMED' and not exists (
                    select 1 from legs l where l.host_id = r.host_id and l.boot_id = r.boot_id
                        and l.region_id = r.region_id and l.generation = r.generation
                        and l.grant_id = r.grant_id and l.state = 'LIVE')""");
    }

    @Bean
    Invariant liveLegsHaveARegion() {
        return new Invariant(
                "live_legs_have_a_region",
                """
                select format('%s.%s.%s', l.host_id, l.boot_id, l.region_id),
                    format('leg of grant %s in generation %s without its region', l.grant_id,
                        l.generation)
                from legs l where l.state = 'LIVE' and not exists (
                    select 1 from regions r where r.host_id = l.host_id and r.boot_id = l.boot_id
                        and r.region_id = l.region_id and r.generation = l.generation
                        and r.grant_id = l.grant_id)""");
    }

    /// A grant that a VM has or gets is whole: each extent has a leg in use for each copy.
    @Bean
    Invariant grantsHaveTheirLegs() {
        return new Invariant(
                "grants_have_their_legs",
                """
                select g.id::text, format('%s, %s bytes, %s copies, %s extents, %s legs', g.state,
                    g.size_bytes, g.copies, e.found, l.found)
                from grants g
                cross join lateral (select count(*) as found from extents
                    where grant_id = g.id) e
                cross join lateral (select count(*) as found from legs
                    where grant_id = g.id and use = 'HELD') l
                where g.state not in ('RELEASED', 'FAILED')
                    and (l.found < e.found * g.copies or e.found * 67108864 < g.size_bytes)""");
    }

    @Bean
    Invariant releasedGrantsHoldNothing() {
        return new Invariant(
                "released_grants_hold_nothing",
                """
                select g.id::text, format('released with share %s %s', l.share, l.state)
                from grants g join lenders l on l.grant_id = g.id
                where g.state = 'RELEASED' and l.state not in ('FENCED', 'LOST', 'GONE')
                union all
                select g.id::text, format('released with a live leg on %s', l.host_id)
                from grants g join legs l on l.grant_id = g.id
                where g.state = 'RELEASED' and l.state = 'LIVE'""");
    }

    /// Only a fence or the loss of a table ends legs, and it ends all of its share.
    @Bean
    Invariant sharesAndLegsAgree() {
        return new Invariant(
                "shares_and_legs_agree",
                """
                select l.grant_id::text, format('share %s is %s with a leg that is %s', l.share,
                    s.state, l.state)
                from legs l join lenders s on s.grant_id = l.grant_id and s.share = l.share
                where (l.state = 'LIVE') = (s.state in ('FENCED', 'LOST', 'GONE'))""");
    }

    /// What is awaited was asked for: a command is written with the state that waits for it.
    @Bean
    Invariant whatIsAwaitedWasAsked() {
        return new Invariant(
                "what_is_awaited_was_asked",
                """
                select s.grant_id::text, format('share %s is %s and nobody was asked', s.share,
                    s.state)
                from lenders s where s.state in ('PREPARING', 'COMING') and not exists (
                    select 1 from commands c where c.host_id = s.host_id
                        and c.grant_id = s.grant_id and c.kind = 'prepare-regions'
                        and c.outcome is null)
                union all
                select g.id::text, format('device is %s and nobody was asked', g.device)
                from grants g where g.device in ('ATTACHING', 'DETACHING') and not exists (
                    select 1 from commands c where c.host_id = g.borrower_id
                        and c.grant_id = g.id and c.outcome is null
                        and c.kind = case g.device when 'ATTACHING' then 'attach-grant'
                            else 'detach-grant' end)""");
    }

    @Bean
    Invariant operationsEndWithTheirGrant() {
        return new Invariant(
                "operations_end_with_their_grant",
                """
                select o.id::text, format('%s is open and grant %s is %s', o.kind, g.id, g.state)
                from operations o join grants g on g.id = o.grant_id
                where not o.done and (g.state = 'RELEASED'
                    or (g.state = 'FAILED' and o.kind = 'GRANT_CREATE'))""");
    }
}
