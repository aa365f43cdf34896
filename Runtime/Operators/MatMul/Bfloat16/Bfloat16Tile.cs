using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Graph.Execution.MachineCode;

namespace Graph.Operators;

/// <summary>
/// The 12 x 32 tile for pairs of bfloat16 in machine code, because .NET has no intrinsic for VDPBF16PS. One routine for each height from 1 to
/// 12, each once for C = and once for C +=; assembled at the first use.
/// </summary>
/// <remarks>
/// A routine is <c>void (a, bytes between rows of a, bytes between steps of a, panel, ahead, steps, c, bytes between rows of c)</c> by the System V
/// calling convention: six arguments in registers, two on the stack. It uses no register that it would have to restore.
/// </remarks>
internal static unsafe class Bfloat16Tile
{
    private const int Rows = MatMul.TileRows;

    /// <summary>Above the 24 accumulators: both halves of a panel's row and a broadcast pair of A.</summary>
    private const int Left = 24, Right = 25, Pair = 26;

    /// <summary>Addresses of the routines, those that add behind those that do not.</summary>
    private static readonly nint[] Entries = Create();

    /// <summary>Whether this machine has the instruction and gave us executable memory.</summary>
    public static bool IsSupported => Entries.Length > 0;

    /// <summary>Why it is not supported, for people.</summary>
    public static string WhyNot =>
        !OperatingSystem.IsLinux() ? "The bfloat16 tile is written for Linux."
        : !IsInProcessor ? "The processor has no AVX512-BF16."
        : "The system refuses executable memory.";

    /// <summary>For tests: where the code lies; 0 where it is not supported.</summary>
    internal static nint Start => IsSupported ? Entries[0] : 0;

    /// <summary>C[rows, 32] = or += A · panel, strides in pairs (of a) and floats (of c). <see cref="IsSupported"/> only.</summary>
    public static void Run(float* a, long row, long step, float* panel, float* ahead, float* c, long cStride, int rows, int steps, bool accumulate)
    {
        var routine = (delegate* unmanaged[SuppressGCTransition]<float*, long, long, float*, float*, long, float*, long, void>)Entries[rows - 1 + (accumulate ? Rows : 0)];
        routine(a, row * sizeof(float), step * sizeof(float), panel, ahead, steps, c, cStride * sizeof(float));
    }

    /// <summary>Whether the processor has AVX512-BF16 and the system saves 512-bit registers.</summary>
    private static bool IsInProcessor =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 && Avx512F.IsSupported && X86Base.CpuId(0, 0).Eax >= 7
        && X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    private static nint[] Create()
    {
        if (!OperatingSystem.IsLinux() || !IsInProcessor)
        {
            return [];
        }

        var assembler = new Assembler();
        var starts = new List<int>();
        foreach (var accumulate in new[] { false, true })
        {
            for (var rows = 1; rows <= Rows; rows++)
            {
                starts.Add(assembler.Position);
                Assemble(assembler, rows, accumulate);
            }
        }

        var page = ExecutablePage.TryCreate(assembler.ToArray());
        return page == 0 ? [] : [.. starts.Select(start => page + start)];
    }

    private static void Assemble(Assembler code, int rows, bool accumulate)
    {
        const Register A = Register.Rdi, Row = Register.Rsi, Step = Register.Rdx, Panel = Register.Rcx, Ahead = Register.R8, Steps = Register.R9;
        Address c = new(Register.Rsp, 8), cStride = new(Register.Rsp, 16);

        // Accumulators 2i and 2i + 1 are row i.
        code.LoadInteger(Register.R10, c);
        code.LoadInteger(Register.R11, cStride);
        if (accumulate)
        {
            for (var i = 0; i < rows; i++)
            {
                code.LoadVector(2 * i, new(Register.R10));
                code.LoadVector((2 * i) + 1, new(Register.R10, 64));
                code.Add(Register.R10, Register.R11);
            }

            // The tile below is the next to be read, from far away: its rows lie in different pages.
            for (var i = 0; i < rows; i++)
            {
                code.Prefetch(1, new(Register.R10));
                code.Prefetch(1, new(Register.R10, 64));
                code.Add(Register.R10, Register.R11);
            }
        }
        else
        {
            // Results are fetched while sums run, or the stores would wait for them one after the other.
            for (var i = 0; i < rows; i++)
            {
                code.Zero(2 * i);
                code.Zero((2 * i) + 1);
                code.PrefetchForWrite(new(Register.R10));
                code.PrefetchForWrite(new(Register.R10, 64));
                code.Add(Register.R10, Register.R11);
            }
        }

        // Three rows share a pointer: itself, and once and twice the stride beyond.
        Register[] pointers = [A, Register.Rax, Register.R10, Register.R11];
        var used = (rows + 2) / 3;
        for (var i = 1; i < used; i++)
        {
            code.LoadAddress(pointers[i], new(pointers[i - 1]) { Index = Row, Scale = 2 });
            code.Add(pointers[i], Row);
        }

        var loop = code.Position;
        code.Prefetch(2, new(Ahead));
        code.LoadVector(Left, new(Panel));
        code.LoadVector(Right, new(Panel, 64));
        for (var i = 0; i < rows; i++)
        {
            code.Broadcast(Pair, i % 3 == 0 ? new(pointers[i / 3]) : new(pointers[i / 3]) { Index = Row, Scale = i % 3 });
            code.DotBfloat16(2 * i, Left, Pair);
            code.DotBfloat16((2 * i) + 1, Right, Pair);
        }

        for (var i = 0; i < used; i++)
        {
            code.Add(pointers[i], Step);
        }

        code.Add(Ahead, MatMul.AheadStep * sizeof(float));
        code.Add(Panel, MatMul.Panel * sizeof(float));
        code.Decrement(Steps);
        code.JumpIfNotZero(loop);

        code.LoadInteger(Register.R10, c);
        code.LoadInteger(Register.R11, cStride);
        for (var i = 0; i < rows; i++)
        {
            code.StoreVector(new(Register.R10), 2 * i);
            code.StoreVector(new(Register.R10, 64), (2 * i) + 1);
            code.Add(Register.R10, Register.R11);
        }

        code.ZeroUpper();
        code.Return();
    }
}
