package io.memfabric.simulation;

import java.util.Locale;

/// Draws one VM's day: what it needs, what its balloon was told, what it had, what the oracle would
/// have left it, and below the pressure.
final class Plot {

    private static final int WIDTH = 1100;
    private static final int HEIGHT = 360;
    private static final int STRIP = 70;
    private static final int LEFT = 70;
    private static final int TOP = 50;

    private final StringBuilder svg = new StringBuilder();
    private final double ceiling;

    private Plot(double ceiling) {
        this.ceiling = ceiling;
    }

    /// @param ceiling the VM's memory in MiB
    static String of(String title, double ceiling, Recording recording) {
        Plot plot = new Plot(ceiling);
        plot.frame(title, recording);
        plot.line(recording.oracle(), "#8a8a8a", "oracle", 0);
        plot.line(recording.demand(), "#c0392b", "demand", 1);
        plot.line(recording.target(), "#e0a030", "balloon target", 2);
        plot.line(recording.actual(), "#1f5fa8", "actual", 3);
        plot.pressure(recording.pressure());
        return plot.svg.append("</svg>\n").toString();
    }

    private void frame(String title, Recording recording) {
        svg.append(
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">
                <rect width="100%%" height="100%%" fill="white"/>
                <text x="%d" y="22" font-size="16">%s</text>
                """
                        .formatted(WIDTH + LEFT + 20, TOP + HEIGHT + STRIP + 60, LEFT, title));
        for (int i = 0; i <= 4; i++) {
            double y = TOP + HEIGHT * (1 - i / 4.0);
            text(5, y + 4, Math.round(ceiling * i / 4) + " MiB");
            rule(LEFT, y, LEFT + WIDTH, y);
        }
        double hours = recording.secondsAPoint() * Recording.POINTS / 3600.0;
        for (int i = 0; i <= 12; i++) {
            double x = LEFT + WIDTH * i / 12.0;
            text(x - 8, TOP + HEIGHT + STRIP + 40, "%.0f h".formatted(hours * i / 12));
            rule(x, TOP, x, TOP + HEIGHT + STRIP + 20);
        }
        text(5, TOP + HEIGHT + STRIP + 20, "pressure");
    }

    private void text(double x, double y, String text) {
        svg.append(
                String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\">%s</text>%n", x, y, text));
    }

    private void rule(double x1, double y1, double x2, double y2) {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
                        x1,
                        y1,
                        x2,
                        y2));
    }

    private void line(double[] mib, String colour, String name, int place) {
        svg.append("<polyline fill=\"none\" stroke=\"").append(colour).append("\" points=\"");
        for (int i = 0; i < mib.length; i++) {
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "%.1f,%.1f ",
                            x(i),
                            TOP + HEIGHT * (1 - Math.min(1, mib[i] / ceiling))));
        }
        svg.append("\"/>\n<text y=\"40\" fill=\"").append(colour).append("\" x=\"");
        svg.append(LEFT + 130 * place).append("\">").append(name).append("</text>\n");
    }

    private void pressure(double[] shares) {
        double bottom = TOP + HEIGHT + STRIP + 20;
        svg.append("<path stroke=\"#c0392b\" d=\"");
        for (int i = 0; i < shares.length; i++) {
            if (shares[i] > 0.001) {
                svg.append(
                        String.format(
                                Locale.ROOT,
                                "M%.1f %.1fV%.1f",
                                x(i),
                                bottom,
                                bottom - STRIP * Math.min(1, shares[i])));
            }
        }
        svg.append("\"/>\n");
    }

    private static double x(int point) {
        return LEFT + WIDTH * point / (double) Recording.POINTS;
    }
}
