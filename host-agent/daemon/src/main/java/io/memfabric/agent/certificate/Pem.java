package io.memfabric.agent.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Binary objects between lines that name them (RFC 7468).
final class Pem {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final int LINE = 64;

    private Pem() {}

    static String write(String label, byte[] bytes) {
        return "-----BEGIN "
                + label
                + "-----\n"
                + Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(bytes)
                + "\n-----END "
                + label
                + "-----\n";
    }

    /// The objects of that name, in their order.
    ///
    /// @throws IllegalArgumentException where one is not Base64
    static List<byte[]> read(String label, String text) {
        List<byte[]> found = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            if (blocks.group(1).equals(label)) {
                found.add(Base64.getMimeDecoder().decode(blocks.group(2).getBytes(US_ASCII)));
            }
        }
        return found;
    }
}
