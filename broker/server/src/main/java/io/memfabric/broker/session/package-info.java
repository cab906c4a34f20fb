/// Sessions of people in a browser: local accounts, cookies, and the sign-in at an identity provider.
@NullMarked
package io.memfabric.broker.session;

import org.jspecify.annotations.NullMarked;
