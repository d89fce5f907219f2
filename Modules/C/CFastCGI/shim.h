#ifndef TOLLGATE_CFASTCGI_SHIM_H
#define TOLLGATE_CFASTCGI_SHIM_H

// libfcgi's fcgi_config.h is not installed; fcgiapp.h needs nothing of it. FILE and va_list come from here.
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <fcgiapp.h>

// How many bytes a reader holds behind the record it is at. libfcgi says only where the present record ends (`stop`);
// where its buffer ends stands in its private FCGX_Stream_Data (fcgiapp.c, the first four members, unchanged since
// 2.4.0). Without it, the only way to learn whether more is buffered would be a read that may block.
struct tollgate_reader_data {
    unsigned char *buffer;
    int buffer_bytes;
    unsigned char *allocation;
    unsigned char *buffer_end;
};
static inline long tollgate_bytes_behind(const FCGX_Stream *stream) {
    const struct tollgate_reader_data *data = (const struct tollgate_reader_data *)stream->data;
    if (data == NULL || stream->stop < data->buffer || stream->stop > data->buffer + data->buffer_bytes) return 0;
    return data->buffer_end - stream->stop;
}

// Starts the library and takes back the signals that it installs handlers for: SIGPIPE stays ignored, the others are the
// program's own.
static inline void tollgate_fastcgi_start(void) {
    FCGX_Init();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

#endif
