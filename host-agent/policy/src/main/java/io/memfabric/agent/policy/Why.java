package io.memfabric.agent.policy;

/// The rule behind a decision, in words for an operator, with what would have changed it. Figures in
/// braces come from the decision's [Inputs].
public enum Why {
    // Relief.
    PRESSED(
            "the guest waits for memory: {pressure} % of the last seconds, {stall} ms of the last",
            "pressure below 10 %"),
    NEARLY_OUT("the guest can use only {usable} MiB more", "{keep} MiB usable"),
    SILENT("the guest has been silent for {age} s", "a word from the guest"),
    HURT(
            "what was taken hurts: {refaults} pages a second are read again, {stall} ms a second"
                    + " are spent waiting",
            "fewer refaults and stalls"),
    DRIFTED(
            "the guest uses more than it did: {usable} of {keep} MiB are left",
            "{keep} MiB usable"),
    NOT_TO_LEND("its policy lets it lend nothing: it gets its memory back", "a policy that lends"),
    BELOW_FLOOR("it has less than its floor ({floor})", "a lower floor"),
    DISTRUSTED("what the guest says cannot be true: {detail}", "words and bytes that agree"),
    // Harvest.
    IDLE("its guest can use {usable} MiB more than it does; {keep} MiB stay", "less usable memory"),
    PROBING(
            "it has been calm: a little less than {keep} MiB usable is tried",
            "refaults or stalls since the last try"),
    NEIGHBOUR(
            "a neighbour needs memory and this guest can use {usable} MiB more than it does",
            "a host with memory to give"),
    NOT_FOLLOWING(
            "its guest does not follow: the target goes back to what it has",
            "a balloon that moves"),
    // Growth.
    GROWTH(
            "its guest can use only {usable} MiB more and waits {pressure} % of its time, and its host"
                    + " has nothing more for it: a grant is asked for",
            "memory that its host can give"),
    GROWTH_RETURNED(
            "its guest can use {usable} MiB: what lies in its grants fits into its memory, and has"
                    + " for a while",
            "less usable memory"),
    GROWTH_OFF("it needs more than its host can give, but its policy lets it not grow", "autoGrow"),
    GROWTH_LOCAL_FIRST("it needs more memory; its host gives first", "a host with nothing to give"),
    GROWTH_EXCLUDED("it needs more than its host can give, but: {detail}", "its taking part"),
    GROWTH_REFUSED("it needs more memory; the broker refused a moment ago", "a little time"),
    GROWTH_LIMIT(
            "it needs more memory and has grown as far as its policy lets it", "a higher limit"),
    // Nothing done.
    EXCLUDED("left alone: {detail}", "its taking part"),
    LENDS_NOTHING("left alone: its policy lets it lend nothing", "a policy that lends"),
    BORROWS("left alone: it holds a grant", "the end of the grant"),
    STALE("left alone: its statistics are stale", "statistics of the last 5 s"),
    JUST_RELIEVED("left alone: it got memory back a moment ago", "a minute without relief"),
    UNCOOPERATIVE("left alone: it did not follow its balloon", "the end of its back-off"),
    NOT_CALM("left alone: its guest waits for memory", "a calm guest"),
    HOST_WAITS(
            "left alone: its own process waits for the host's memory, {host} % of the last seconds",
            "less than 10 % of that"),
    ON_THE_WAY("its balloon is on the way", "a balloon that has arrived"),
    STALLED("left out of this round: its balloon makes no progress", "progress of its balloon"),
    AT_FLOOR("it is at its floor ({floor})", "a lower floor"),
    BREATHES(
            "left alone: it needed a little more a moment ago; {usable} MiB usable, {keep} stay",
            "a minute without that"),
    NOTHING_IDLE("it has nothing idle: {usable} MiB usable, {keep} MiB stay", "more usable memory"),
    WANTS_NO_HARVEST("left alone: its words are not trusted: {detail}", "an hour of honest words"),
    HOST_SHORT(
            "the guest needs memory; the host is short and gives what it has", "free host memory"),
    HOST_EMPTY("the guest needs memory; the host has nothing left to give", "free host memory");

    private final String text;
    private final String unless;

    Why(String text, String unless) {
        this.text = text;
        this.unless = unless;
    }

    /// Whether the guest needs what its host has not.
    public boolean isHostShort() {
        return this == HOST_SHORT || this == HOST_EMPTY;
    }

    /// Whether it is about remote grants rather than about the balloon.
    public boolean isOfGrowth() {
        return name().startsWith("GROWTH");
    }

    String text(Inputs inputs) {
        return inputs.fill(text);
    }

    String unless(Inputs inputs) {
        return inputs.fill(unless);
    }
}
