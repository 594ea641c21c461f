/*
 * A TCP proxy that a test controls (commands.h), such as the sidecar or the node proxy of a service mesh. It connects
 * each connection that it accepts to a target, and copies all bytes in both directions.
 */
#define _GNU_SOURCE
#include "commands.h"
#include <fcntl.h>
#include <linux/netfilter_ipv4.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

enum { BACKLOG = 256, CHUNK = 16 << 10 };

/* How a listener serves its connections. */
struct rule {
	int listener;
	/* The network namespace in which the proxy connects; -1 for its own. */
	int namespace_;
	/*
	 * An IPv4 address; "redirected" for the destination before REDIRECT; "own" for the local address of the accepted
	 * socket, which is the original destination with TPROXY.
	 */
	char target[16];
	/* 0 for the port of the original destination. */
	int port;
	/* An IPv4 address; "client" for the client's address; "any" for an address that the kernel chooses. */
	char source[16];
	/* SO_MARK of the sockets that connect; 0 for none. */
	int mark;
	/* Number of bytes that are sent to the target first. If negative, the client's first bytes, which are not forwarded. */
	long preamble;
};

/* A connection that was accepted, and the socket that is connected to the target. */
struct pair {
	const struct rule *rule;
	int accepted, connected;
};

static int own_namespace;

static int send_all(int to, const char *data, ssize_t bytes)
{
	while (bytes > 0) {
		ssize_t count = send(to, data, bytes, MSG_NOSIGNAL);

		if (count < 0)
			return -1;
		data += count;
		bytes -= count;
	}
	return 0;
}

/* Copies bytes until the sender finishes, and then finishes, too. */
static void copy(int from, int to)
{
	char chunk[CHUNK];
	ssize_t count;

	while ((count = recv(from, chunk, sizeof(chunk), 0)) > 0)
		if (send_all(to, chunk, count))
			break;
	shutdown(to, SHUT_WR);
}

static void *copy_answers(void *argument)
{
	const struct pair *pair = argument;

	copy(pair->connected, pair->accepted);
	return NULL;
}

static int pass_preamble(const struct pair *pair)
{
	char chunk[CHUNK] = {};
	long left = pair->rule->preamble;

	for (; left < 0; left++)
		if (recv(pair->accepted, chunk, 1, 0) != 1)
			return -1;
	return send_all(pair->connected, chunk, left);
}

static int find_target(const struct pair *pair, struct sockaddr_in *target)
{
	const struct rule *rule = pair->rule;
	socklen_t length = sizeof(*target);

	if (!strcmp(rule->target, "redirected")) {
		if (getsockopt(pair->accepted, IPPROTO_IP, SO_ORIGINAL_DST, target, &length))
			return -1;
	} else if (getsockname(pair->accepted, (struct sockaddr *)target, &length)) {
		return -1;
	}
	inet_pton(AF_INET, rule->target, &target->sin_addr);
	if (rule->port)
		target->sin_port = htons(rule->port);
	return 0;
}

static int bind_source(const struct pair *pair, int socket_)
{
	struct sockaddr_in source = {};
	socklen_t length = sizeof(source);
	int one = 1;

	if (!strcmp(pair->rule->source, "any"))
		return 0;
	if (!strcmp(pair->rule->source, "client")) {
		if (setsockopt(socket_, IPPROTO_IP, IP_TRANSPARENT, &one, sizeof(one)) ||
		    getpeername(pair->accepted, (struct sockaddr *)&source, &length))
			return -1;
	}
	source.sin_family = AF_INET;
	inet_pton(AF_INET, pair->rule->source, &source.sin_addr);
	source.sin_port = 0;
	return bind(socket_, (struct sockaddr *)&source, sizeof(source));
}

static int connect_pair(struct pair *pair)
{
	const struct rule *rule = pair->rule;
	struct sockaddr_in target;

	/* setns(2) applies to this thread only, which serves no other connection. */
	if (rule->namespace_ >= 0 && setns(rule->namespace_, CLONE_NEWNET))
		return -1;
	pair->connected = socket(AF_INET, SOCK_STREAM, 0);
	if (pair->connected < 0 || find_target(pair, &target) || bind_source(pair, pair->connected))
		return -1;
	if (rule->mark && setsockopt(pair->connected, SOL_SOCKET, SO_MARK, &rule->mark, sizeof(rule->mark)))
		return -1;
	return connect(pair->connected, (struct sockaddr *)&target, sizeof(target));
}

static void *serve_connection(void *argument)
{
	struct pair *pair = argument;
	pthread_t answers;

	pair->connected = -1;
	if (connect_pair(pair) || pass_preamble(pair)) {
		fprintf(stderr, "proxy: not connected to %s: %s\n", pair->rule->target, strerror(errno));
	} else if (!pthread_create(&answers, NULL, copy_answers, pair)) {
		copy(pair->accepted, pair->connected);
		pthread_join(answers, NULL);
	}
	close(pair->connected);
	close(pair->accepted);
	free(pair);
	return NULL;
}

static void *serve_listener(void *argument)
{
	const struct rule *rule = argument;
	struct pair *pair;
	pthread_t thread;
	int accepted;

	while ((accepted = accept(rule->listener, NULL, NULL)) >= 0) {
		pair = malloc(sizeof(*pair));
		pair->rule = rule;
		pair->accepted = accepted;
		pthread_create(&thread, NULL, serve_connection, pair);
		pthread_detach(thread);
	}
	return NULL;
}

/* Returns a descriptor of a network namespace, or -1 if the name is "own". */
static int namespace_of(const char *name)
{
	char path[64];

	if (!strcmp(name, "own"))
		return -1;
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int listen_in(int namespace_, int port, int transparent)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};
	int socket_, one = 1;

	if (namespace_ >= 0 && setns(namespace_, CLONE_NEWNET))
		return -1;
	socket_ = socket(AF_INET, SOCK_STREAM, 0);
	if (namespace_ >= 0)
		setns(own_namespace, CLONE_NEWNET);
	setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (transparent && setsockopt(socket_, IPPROTO_IP, IP_TRANSPARENT, &one, sizeof(one)))
		return -1;
	return bind(socket_, (struct sockaddr *)&own, sizeof(own)) || listen(socket_, BACKLOG) ? -1 : socket_;
}

static void serve(const char *arguments)
{
	struct rule *rule = calloc(1, sizeof(*rule));
	char listen_name[33], connect_name[33];
	pthread_t thread;
	int port;

	if (sscanf(arguments, "%32s %d %32s %15s %d %15s %d %ld", listen_name, &port, connect_name, rule->target, &rule->port,
		   rule->source, &rule->mark, &rule->preamble) != 8) {
		answer("failed EINVAL");
		return;
	}
	rule->namespace_ = namespace_of(connect_name);
	rule->listener = listen_in(namespace_of(listen_name), port, !strcmp(rule->target, "own"));
	if (rule->listener < 0 || pthread_create(&thread, NULL, serve_listener, rule))
		result(-1);
	else
		result(0);
}

static void become(const char *arguments)
{
	int user, group;

	if (sscanf(arguments, "%d %d", &user, &group) != 2)
		answer("failed EINVAL");
	else
		result(setgid(group) || (user && setuid(user)) ? -1 : 0);
}

static void obey(char *line)
{
	char command[16] = "";
	int length = 0;

	sscanf(line, "%15s %n", command, &length);
	if (!strcmp(command, "serve"))
		serve(line + length);
	else if (!strcmp(command, "become"))
		become(line + length);
	else
		answer("failed EINVAL");
}

int main(int argc, char **argv)
{
	own_namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return obey_all(argc, argv, obey);
}
