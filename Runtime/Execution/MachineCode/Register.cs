namespace Graph.Execution.MachineCode;

/// <summary>General-purpose registers of x86-64 by their encoding.</summary>
internal enum Register
{
    Rax,
    Rcx,
    Rdx,
    Rbx,
    Rsp,
    Rbp,
    Rsi,
    Rdi,
    R8,
    R9,
    R10,
    R11,
}
