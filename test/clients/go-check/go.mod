module example.com/kubedouble-clients/check

go 1.25.0
