package io.memfabric.simulation;

/// What a rule achieved, added up.
///
/// @param vmSeconds the time that was looked at, over all VMs
/// @param oracleMibSeconds what the oracle took
/// @param takenMibSeconds what the rule took of that, from VMs that did not suffer for it
/// @param pressedSeconds seconds in which a guest waited more than 1 % of the time
/// @param wakeUps how often a guest needed memory that had been taken
/// @param returnedInTime how often it was back within 2 s
record Score(
        double vmSeconds,
        double oracleMibSeconds,
        double takenMibSeconds,
        double pressedSeconds,
        long wakeUps,
        long returnedInTime) {

    static final Score NONE = new Score(0, 0, 0, 0, 0, 0);

    Score plus(Score other) {
        return new Score(
                vmSeconds + other.vmSeconds,
                oracleMibSeconds + other.oracleMibSeconds,
                takenMibSeconds + other.takenMibSeconds,
                pressedSeconds + other.pressedSeconds,
                wakeUps + other.wakeUps,
                returnedInTime + other.returnedInTime);
    }

    double shareOfOracle() {
        return oracleMibSeconds == 0 ? 1 : takenMibSeconds / oracleMibSeconds;
    }

    double pressureTimeShare() {
        return vmSeconds == 0 ? 0 : pressedSeconds / vmSeconds;
    }

    double returnedShare() {
        return wakeUps == 0 ? 1 : (double) returnedInTime / wakeUps;
    }

    double vmDays() {
        return vmSeconds / Pattern.DAY;
    }

    /// Whether this is better on both axes: more taken, less pressure.
    boolean isAheadOf(Score other) {
        return shareOfOracle() > other.shareOfOracle()
                && pressureTimeShare() < other.pressureTimeShare();
    }
}
