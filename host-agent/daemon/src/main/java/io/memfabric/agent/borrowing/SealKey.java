package io.memfabric.agent.borrowing;

import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.crypto.SecretKey;

/// A grant's key on its way into the ciphers. They ask for it at every page and keep their own
/// schedule of it until they are collected: heap dumps and core files of this process hold keys.
final class SealKey implements SecretKey {

    private static final long serialVersionUID = 1;

    private final byte[] key;
    private volatile boolean destroyed;

    SealKey(long[] words) {
        ByteBuffer bytes = ByteBuffer.allocate(words.length * Long.BYTES);
        bytes.asLongBuffer().put(words);
        key = bytes.array();
        Arrays.fill(words, 0);
    }

    @Override
    public String getAlgorithm() {
        return "AES";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        if (destroyed) {
            throw new IllegalStateException("the key is destroyed");
        }
        return key.clone();
    }

    @Override
    public void destroy() {
        destroyed = true;
        Arrays.fill(key, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        return destroyed;
    }

    private void writeObject(java.io.ObjectOutputStream out) throws java.io.IOException {
        throw new java.io.NotSerializableException("keys stay where they are");
    }
}
