package io.memfabric.broker.grant;

import io.memfabric.broker.database.Duties;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.LenderState;
import io.memfabric.broker.settings.BrokerSettings;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Set;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Gives up on lenders that fell silent before they prepared what they were asked for. No device can
/// use such regions yet, so nothing is lost by it; they stay claimed until the lender confirms the
/// fence.
@Component
class OverdueLenders {

    private static final String DUTY = "overdue";
    private static final int PAGE = 100;

    private static final Set<LenderState> IS_AWAITED =
            EnumSet.of(LenderState.PREPARING, LenderState.COMING);

    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final Inventory inventory;
    private final BrokerSettings settings;
    private final Ledger ledger;
    private final Duties duties;
    private final InstantSource clock;

    OverdueLenders(
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            Inventory inventory,
            BrokerSettings settings,
            Ledger ledger,
            Duties duties,
            InstantSource clock) {
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.inventory = inventory;
        this.settings = settings;
        this.ledger = ledger;
        this.duties = duties;
        this.clock = clock;
    }

    @Scheduled(fixedDelayString = "PT1S")
    void look() {
        if (!duties.take(DUTY)) {
            return;
        }
        Instant now = clock.instant();
        for (GrantParts.Asked asked :
                parts.askedBefore(now.minus(settings.prepareDeadline()), PAGE)) {
            if (inventory.silence(asked.hostId()).compareTo(settings.lenderSilence()) >= 0) {
                ledger.run(() -> giveUp(asked, now));
            }
        }
    }

    private void giveUp(GrantParts.Asked asked, Instant now) {
        duties.hold(DUTY);
        grants.lock(asked.grantId())
                .ifPresent(
                        grant -> {
                            if (!IS_AWAITED.contains(
                                    lives.load(grant).shares().get(asked.share()))) {
                                return;
                            }
                            parts.noteRefusal(grant.id(), asked.share(), now);
                            lives.apply(
                                    grant,
                                    new GrantEvent.PrepareRefused(
                                            asked.share(),
                                            new Failure(
                                                    "lender_silent",
                                                    "Lender "
                                                            + asked.hostId()
                                                            + " fell silent before it prepared"
                                                            + " its regions.")));
                        });
    }
}
