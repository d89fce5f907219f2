#ifndef TOLLGATE_CJANSSON_SHIM_H
#define TOLLGATE_CJANSSON_SHIM_H

#include <jansson.h>

// json_decref is a static inline whose reference counting uses compiler builtins behind macros; one plain call is safer.
static inline void tollgate_json_release(json_t *value) { json_decref(value); }

#endif
