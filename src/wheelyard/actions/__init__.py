"""The WRITE side: one module per resource, one function per operation.

A page, the REST API and the command line call the same function; who is acting, when and from
where is an argument, and every change leaves an audit event in its own transaction.
"""
