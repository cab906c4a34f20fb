package io.memfabric.broker.inventory;

import io.memfabric.broker.policy.PlacementRules;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;

/// What holds for the whole fabric, whatever its hosts are told. The one row is the migration's.
@Entity
@Table(name = "fabric")
class FabricEntity {

    static final short ID = 1;

    @Id private short id;

    @Enumerated(EnumType.STRING)
    private Harvesting harvesting;

    @Column(insertable = false, updatable = false)
    private long policyRevision;

    private int largestSharePercent;
    private long lowLatencyNanos;
    private boolean surviveLargestLender;

    @Version private @Nullable Long revision;

    /// Whether any host may take memory.
    enum Harvesting {
        ALLOWED,
        /// Nobody takes any more, and everybody gives back what guests need.
        STOPPED
    }

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields.
    protected FabricEntity() {}

    short id() {
        return id;
    }

    Harvesting harvesting() {
        return harvesting;
    }

    void setHarvesting(Harvesting wanted) {
        harvesting = wanted;
    }

    /// Grows with every change of a VM's policy.
    long policyRevision() {
        return policyRevision;
    }

    PlacementRules placementRules() {
        return new PlacementRules(largestSharePercent, lowLatencyNanos, surviveLargestLender);
    }

    void setPlacementRules(PlacementRules rules) {
        largestSharePercent = rules.largestSharePercent();
        lowLatencyNanos = rules.lowLatencyNanos();
        surviveLargestLender = rules.surviveLargestLender();
    }

    long revision() {
        return revision == null ? 0 : revision;
    }
}
