package io.natator.collector.owner;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.NameKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupNamesTest {
    @ParameterizedTest
    @CsvSource({
        "/system.slice/postgresql.service, UNIT, postgresql",
        "/system.slice/system-postgresql.slice/postgresql@16-main.service, UNIT, postgresql@16-main",
        "/system.slice/my\\x2dshop.service, UNIT, my-shop",
        "/system.slice/caf\\xc3\\xa9.service, UNIT, café",
        "/system.slice/_cgroup.service, UNIT, cgroup",
        "/system.slice/nginx.service/worker, UNIT, nginx",
        "/lxc.payload.guest/system.slice/nginx.service, CONTAINER, guest",
        "/lxc/101/ns/system.slice/nginx.service, CONTAINER, 101",
        "/nomad.slice/share.slice/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f.web.scope, TASK, web",
        "/nomad/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f.web, TASK, web",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox.service, ,",
        "/user.slice/user-1000.slice/session-3.scope, ,",
        "/system.slice/.service, ,",
        "/system.slice/a\\x0ab.service, ,",
        "/init.scope, ,",
        "/lxc, ,",
        "/, ,",
    })
    void findsTheUppermostName(String path, @Nullable NameKind kind, @Nullable String name) {
        // When
        OwnerName found = CgroupNames.parse(path);
        // Then
        assertThat(found).isEqualTo(kind == null || name == null ? null : new OwnerName(name, kind));
    }
}
