/* What the files with JNI entry points share. */
#ifndef MEMFABRIC_ENTRY_POINTS_H
#define MEMFABRIC_ENTRY_POINTS_H

#include <jni.h>

/* The symbol of a native method of com.ibm.disni.verbs.impl.NativeDispatcher whose name begins with
 * an underscore. */
#define DISPATCHER(name) __attribute__((visibility("default"))) Java_com_ibm_disni_verbs_impl_NativeDispatcher__1##name

/* Throws an IOException that names the call and the error. */
void throw_io(JNIEnv *env, const char *call, int error);

/* Waits until a descriptor can be read: 1, or 0 after so many milliseconds (never, if negative) or
 * as soon as `entry` is to be closed. */
struct entry;
int wait_readable(int fd, int millis, struct entry *entry);

#endif
