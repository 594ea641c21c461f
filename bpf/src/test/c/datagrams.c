/*
 * A process that exchanges datagrams at the command of a test (commands.h), and counts the datagrams and their bytes.
 */
#define _GNU_SOURCE
#include "commands.h"
#include <netinet/udp.h>
#include <pthread.h>
#include <unistd.h>

enum { LARGEST = 65000, SOCKETS = 64 };

struct counters {
	long sent, bytes_sent, received, bytes_received;
};

static struct counters counters[SOCKETS];
/*
 * This lock is held while a datagram is sent and counted, so that a test that sees the datagram also sees it in the
 * counters.
 */
static pthread_mutex_t sending = PTHREAD_MUTEX_INITIALIZER;

static int create(int family)
{
	int socket_ = socket(family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0), one = 1, room = 4 << 20;

	if (socket_ < 0 || socket_ >= SOCKETS)
		return -1;
	memset(&counters[socket_], 0, sizeof(counters[socket_]));
	setsockopt(socket_, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	setsockopt(socket_, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
	setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return socket_;
}

/*
 * Returns the size of the datagram with this number, from 0 to largest bytes. The same number always gives the same
 * size.
 */
static long size_of(long number, long largest)
{
	return largest ? (number * 7919 + 13) % (largest + 1) : 0;
}

static long transmit(int socket_, const void *data, long bytes, int flags, const struct sockaddr_storage *to, socklen_t length)
{
	long sent;

	pthread_mutex_lock(&sending);
	sent = sendto(socket_, data, bytes, flags, (struct sockaddr *)to, length);
	if (sent >= 0) {
		counters[socket_].bytes_sent += sent;
		counters[socket_].sent += !(flags & MSG_MORE);
	}
	pthread_mutex_unlock(&sending);
	return sent;
}

static long receive(int socket_, char *data, long room, int flags, struct sockaddr_storage *from, socklen_t *length)
{
	long bytes;

	if (wait_for(socket_, POLLIN))
		return -1;
	bytes = recvfrom(socket_, data, room, flags | MSG_TRUNC, (struct sockaddr *)from, length);
	if (bytes >= 0 && !(flags & MSG_PEEK)) {
		counters[socket_].received++;
		counters[socket_].bytes_received += bytes;
	}
	return bytes;
}

/*
 * Sends the given number of questions (count), and waits for the answer to each before it sends the next, so that no
 * buffer overflows and no datagram is lost.
 */
static long ask(int socket_, const char *address, int port, long count, long largest)
{
	static char question[LARGEST], reply[LARGEST];
	struct sockaddr_storage to;
	socklen_t length = port ? address_of(address, port, &to) : 0;

	for (long number = 0; number < count; number++) {
		if (transmit(socket_, question, size_of(number, largest), 0, port ? &to : NULL, length) < 0 ||
		    receive(socket_, reply, sizeof(reply), 0, NULL, NULL) < 0)
			return -1;
	}
	return count;
}

/* Answers each datagram with a datagram of twice the size. */
static void *serve(void *argument)
{
	int socket_ = (long)argument;
	char *data = calloc(1, LARGEST);

	for (;;) {
		struct sockaddr_storage from;
		socklen_t length = sizeof(from);
		long bytes = recvfrom(socket_, data, LARGEST, 0, (struct sockaddr *)&from, &length);

		if (bytes < 0)
			break;
		counters[socket_].received++;
		counters[socket_].bytes_received += bytes;
		transmit(socket_, data, 2 * bytes, 0, &from, length);
	}
	free(data);
	return NULL;
}

struct reply {
	int socket_;
	long bytes;
	char data[LARGEST];
};

/* Answers each datagram with a datagram that contains the bytes of the struct reply. */
static void *reply_always(void *argument)
{
	struct reply *reply = argument;

	for (;;) {
		struct sockaddr_storage from;
		socklen_t length = sizeof(from);
		char question[512];

		if (recvfrom(reply->socket_, question, sizeof(question), 0, (struct sockaddr *)&from, &length) < 0)
			break;
		transmit(reply->socket_, reply->data, reply->bytes, 0, &from, length);
	}
	free(reply);
	return NULL;
}

static struct reply *reply_of(int socket_, const char *hexadecimal)
{
	struct reply *reply = calloc(1, sizeof(*reply));
	unsigned byte;

	reply->socket_ = socket_;
	while (reply->bytes < LARGEST && sscanf(hexadecimal + 2 * reply->bytes, "%2x", &byte) == 1)
		reply->data[reply->bytes++] = byte;
	return reply;
}

static long in_segments(int socket_, const char *address, int port, long bytes, int segment)
{
	static char data[LARGEST];
	struct sockaddr_storage to;
	socklen_t length = address_of(address, port, &to);
	long sent;

	if (setsockopt(socket_, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
		return -1;
	sent = sendto(socket_, data, bytes, 0, (struct sockaddr *)&to, length);
	segment = 0;
	setsockopt(socket_, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment));
	return sent;
}

static long read_one(int socket_, int room, int flags)
{
	static char data[LARGEST];

	return receive(socket_, data, room, flags, NULL, NULL);
}

static void obey(char *line)
{
	static char data[LARGEST];
	struct sockaddr_storage address;
	socklen_t length;
	static char hexadecimal[8192];
	char text[108] = "";
	long value = 0, other = 0, third = 0;
	int socket_ = -1, one = 1;
	pthread_t thread;

	if (sscanf(line, "socket %ld", &value) == 1) {
		result(create(value));
	} else if (sscanf(line, "bind %d %100s %ld", &socket_, text, &value) == 3) {
		length = address_of(text, value, &address);
		result(bind(socket_, (struct sockaddr *)&address, length) ? -1 : local_port(socket_));
	} else if (sscanf(line, "connect %d %100s %ld", &socket_, text, &value) == 3) {
		length = address_of(text, value, &address);
		result(connect(socket_, (struct sockaddr *)&address, length) ? -1 : local_port(socket_));
	} else if (sscanf(line, "ask %d %100s %ld %ld %ld", &socket_, text, &value, &other, &third) == 5) {
		result(ask(socket_, text, value, other, third));
	} else if (sscanf(line, "serve %d", &socket_) == 1) {
		result(pthread_create(&thread, NULL, serve, (void *)(long)socket_));
	} else if (sscanf(line, "reply %d %8000s", &socket_, hexadecimal) == 2) {
		result(pthread_create(&thread, NULL, reply_always, reply_of(socket_, hexadecimal)));
	} else if (sscanf(line, "send %d %100s %ld %ld", &socket_, text, &value, &other) == 4) {
		length = address_of(text, value, &address);
		result(transmit(socket_, data, other, 0, &address, length));
	} else if (sscanf(line, "part %d %100s %ld %ld", &socket_, text, &value, &other) == 4) {
		length = address_of(text, value, &address);
		result(transmit(socket_, data, other, MSG_MORE, &address, length));
	} else if (sscanf(line, "segments %d %100s %ld %ld %ld", &socket_, text, &value, &other, &third) == 5) {
		result(in_segments(socket_, text, value, other, third));
	} else if (sscanf(line, "gro %d", &socket_) == 1) {
		result(setsockopt(socket_, SOL_UDP, UDP_GRO, &one, sizeof(one)));
	} else if (sscanf(line, "peek %d", &socket_) == 1) {
		result(read_one(socket_, LARGEST, MSG_PEEK));
	} else if (sscanf(line, "receive %d %ld", &socket_, &value) == 2) {
		result(read_one(socket_, value, 0));
	} else if (sscanf(line, "room %d %ld", &socket_, &value) == 2) {
		int room = value;

		result(setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)));
	} else if (sscanf(line, "counters %d", &socket_) == 1) {
		struct counters *of = &counters[socket_];

		pthread_mutex_lock(&sending);
		answer("ok %ld %ld %ld %ld", of->sent, of->bytes_sent, of->received, of->bytes_received);
		pthread_mutex_unlock(&sending);
	} else if (sscanf(line, "port %d", &socket_) == 1) {
		result(local_port(socket_));
	} else if (sscanf(line, "close %d", &socket_) == 1) {
		result(close(socket_));
	} else {
		answer("unknown command");
	}
}

int main(int argc, char **argv)
{
	return obey_all(argc, argv, obey);
}
