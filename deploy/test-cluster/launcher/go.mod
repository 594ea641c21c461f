module natator.io/test-cluster/launcher

go 1.26.0
