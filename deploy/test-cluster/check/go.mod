module natator.io/test-cluster/check

go 1.26.0
