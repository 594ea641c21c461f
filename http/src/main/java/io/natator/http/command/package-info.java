/** What the commands of all services share: how options are read, from the command line and the environment. */
@NullMarked
package io.natator.http.command;

import org.jspecify.annotations.NullMarked;
