#ifndef TOLLGATE_CFASTCGI_SHIM_H
#define TOLLGATE_CFASTCGI_SHIM_H

// libfcgi's fcgi_config.h is not installed; fcgiapp.h needs nothing of it. FILE and va_list come from here.
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcgiapp.h>

// The first four members of libfcgi's private FCGX_Stream_Data (fcgiapp.c, unchanged since 2.4.0).
struct tollgate_stream_data {
    unsigned char *buffer;
    int buffer_bytes;
    unsigned char *allocation;
    unsigned char *buffer_end;
};

// How many bytes a reader holds behind the record it is at. libfcgi says only where the present record ends (`stop`).
// Without it, the only way to learn whether more is buffered would be a read that may block.
static inline long tollgate_bytes_behind(const FCGX_Stream *stream) {
    const struct tollgate_stream_data *data = (const struct tollgate_stream_data *)stream->data;
    if (data == NULL || stream->stop < data->buffer || stream->stop > data->buffer + data->buffer_bytes) return 0;
    return data->buffer_end - stream->stop;
}

// A writer that waits for its next bytes needs no buffer: 8 KB for each of 5,000 open streams. It is given back when
// nothing is in it but the room for a record's header, and taken again before the stream is used. NewStream and
// EmptyBuffProc (fcgiapp.c) set the pointers in the same way.
static inline void tollgate_writer_give_back_buffer(FCGX_Stream *stream) {
    struct tollgate_stream_data *data = (struct tollgate_stream_data *)stream->data;
    if (data->allocation == NULL || stream->isClosed || stream->wrNext != data->buffer + 8) return;
    free(data->allocation);
    data->allocation = data->buffer = data->buffer_end = NULL;
    stream->wrNext = stream->stop = stream->rdNext = NULL;
}
static inline int tollgate_writer_take_buffer(FCGX_Stream *stream) {
    struct tollgate_stream_data *data = (struct tollgate_stream_data *)stream->data;
    if (data->allocation != NULL) return 1;
    unsigned char *buffer = (unsigned char *)malloc((size_t)data->buffer_bytes);
    if (buffer == NULL) return 0;
    data->allocation = data->buffer = buffer;
    data->buffer_end = buffer + data->buffer_bytes;
    stream->wrNext = buffer + 8;
    stream->stop = stream->rdNext = data->buffer_end;
    return 1;
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
