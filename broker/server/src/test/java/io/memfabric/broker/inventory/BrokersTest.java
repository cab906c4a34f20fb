package io.memfabric.broker.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BrokersTest {

    @Test
    void asksATenthOfTheHostsThatItHasTooManyOfToMove() {
        assertThat(Brokers.surplus(300, 300, 3)).isEqualTo(20);
        assertThat(Brokers.surplus(101, 300, 3)).isZero();
        assertThat(Brokers.surplus(111, 300, 3)).isEqualTo(2);
        assertThat(Brokers.surplus(3, 3, 2)).isZero();
        assertThat(Brokers.surplus(5, 5, 2)).isEqualTo(1);
    }

    @Test
    void keepsEverybodyWhereItIsAlone() {
        assertThat(Brokers.surplus(300, 300, 1)).isZero();
        assertThat(Brokers.surplus(0, 0, 0)).isZero();
    }
}
